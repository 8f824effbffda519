import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { Tally } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import { formatNumber } from './format.js';

export const outcomes = [
  'created',
  'updated',
  'disabled',
  'deleted',
  'skipped',
  'unchanged',
  'held',
  'escrowed',
] as const satisfies readonly (keyof Tally)[];

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM, rowGap: tokens.spacingVerticalXS },
  one: { whiteSpace: 'nowrap', color: tokens.colorNeutralForeground2 },
  count: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1 },
  bad: { color: tokens.colorStatusDangerForeground1 },
  held: { color: tokens.colorStatusWarningForeground3 },
});

/** The counts of a cycle; outcomes that nobody had are left out. */
export function TallyLine({ tally }: { tally: Tally }): ReactElement {
  const styles = useStyles();
  const shown = outcomes.filter((outcome) => tally[outcome] > 0);
  return (
    <span className={styles.line}>
      {(['read', ...shown] as const).map((name) => (
        <span key={name} className={styles.one}>
          {texts.tally[name]}{' '}
          <span className={mergeClasses(styles.count, name === 'escrowed' && styles.bad, name === 'held' && styles.held)}>
            {formatNumber(tally[name])}
          </span>
        </span>
      ))}
    </span>
  );
}
