import { makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import type { CycleView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import { formatDuration, formatNumber } from './format.js';
import type { Pace } from './progress.js';
import { usePace } from './use-pace.js';

const useStyles = makeStyles({
  progress: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  line: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground2 },
});

function paceSaid(pace: Pace): string {
  if (pace.kind === 'measuring') return texts.progress.measuring;
  if (pace.kind === 'stalled') return texts.progress.stalled(formatDuration(pace.sinceMs));
  const speed = texts.progress.rate(pace.perSecond < 10 ? pace.perSecond.toFixed(1) : formatNumber(Math.round(pace.perSecond)));
  return pace.leftMs === null ? speed : `${speed}, ${texts.progress.left(...(pace.leftMs.map(formatDuration) as [string, string]))}`;
}

/** A running cycle: objects done, speed, and when it may end. */
export function CycleProgress({ cycle, name }: { cycle: CycleView; name: string }): ReactElement {
  const styles = useStyles();
  const { done, total, phase, pace } = usePace(cycle);
  const value = total === null ? undefined : total === 0 ? 0 : done / total;
  return (
    <div className={styles.progress}>
      <ProgressBar aria-label={texts.progress.label(name)} thickness="large" {...(value === undefined ? {} : { value })} />
      <div className={styles.line}>
        <Text>
          {texts.progress[phase]}:{' '}
          {total === null ? texts.progress.ofUnknown(formatNumber(done)) : texts.progress.of(formatNumber(done), formatNumber(total))}
        </Text>
        <Text className={styles.quiet}>{paceSaid(pace)}</Text>
      </div>
    </div>
  );
}
