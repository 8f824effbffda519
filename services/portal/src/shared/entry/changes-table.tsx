import { makeStyles, tokens } from '@fluentui/react-components';
import type { LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { detailsTexts } from '../../texts/en/details.js';
import { DataTable } from '../data-table.js';
import { formatValue } from '../format.js';
import { unopenedTexts } from '../../texts/en/unopened.js';
import { unopenedOf } from '../unopened.js';

const useStyles = makeStyles({
  nothing: { color: tokens.colorNeutralForeground3, fontStyle: 'italic' },
  old: { color: tokens.colorNeutralForeground2 },
});

/** A value as it is, or the word that there is none. */
export function Value({ value }: { value: unknown }): ReactElement {
  const styles = useStyles();
  const why = unopenedOf(value);
  if (why !== null)
    return (
      <span className={styles.nothing} title={unopenedTexts.why[why]}>
        {unopenedTexts.short[why]}
      </span>
    );
  const text = formatValue(value);
  return text === '' ? <span className={styles.nothing}>{texts.common.nothing}</span> : <span>{text}</span>;
}

/** Attributes with their values before and after. */
export function ChangesTable({ modified }: { modified: LogEntryView['modified'] }): ReactElement | null {
  const styles = useStyles();
  if (modified.length === 0) return null;
  return (
    <DataTable
      label={detailsTexts.tabs.modified}
      columns={[detailsTexts.attribute, detailsTexts.old, detailsTexts.new]}
      rows={modified.map((change) => [
        change.attribute,
        change.attribute,
        <span key="old" className={styles.old}>
          <Value value={change.old} />
        </span>,
        <Value key="new" value={change.new} />,
      ])}
    />
  );
}
