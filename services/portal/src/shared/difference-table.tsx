import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { rulesTexts } from '../texts/en/rules.js';
import { DataTable } from './data-table.js';
import type { Difference } from './difference.js';
import { Value } from './entry/changes-table.js';

const useStyles = makeStyles({
  path: { overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  old: { color: tokens.colorNeutralForeground2 },
});

/** Two job files beside each other, as far as they differ. */
export function DifferenceTable({ label, difference }: { label: string; difference: readonly Difference[] }): ReactElement {
  const styles = useStyles();
  return (
    <DataTable
      label={label}
      stacks
      columns={[rulesTexts.place, rulesTexts.before, rulesTexts.after]}
      rows={difference.map((each) => [
        each.path,
        <span key="path" className={styles.path}>
          {each.path}
        </span>,
        <span key="old" className={styles.old}>
          <Value value={each.old} />
        </span>,
        <Value key="new" value={each.new} />,
      ])}
    />
  );
}
