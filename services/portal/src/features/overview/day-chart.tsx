import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { JobDaysView, JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { daysQuery } from '../../api/list-days.js';
import { type Bar, Bars } from '../../shared/bars.js';
import { formatDay } from '../../shared/format.js';
import { texts } from '../../texts/en.js';

type Day = JobDaysView['days'][number];

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground2 } });
const shownDays = 30;
const height = 40;
const said = texts.overview;

/** What a job changed, and what failed, on each of the last days, in words and as a bar for each. */
export function DayChart({ job: { jobId, lastCycle } }: { job: JobStatusView }): ReactElement | null {
  const styles = useStyles();
  const { data } = useQuery(daysQuery(jobId, shownDays, lastCycle?.cycleId));
  if (!data) return null;
  const sum = (count: (day: Day) => number): number => data.days.reduce((total, day) => total + count(day), 0);
  const inWords = said.trend(
    shownDays,
    sum(({ changed }) => changed),
    sum(({ failed }) => failed),
  );
  return (
    <div>
      <Text size={200} className={styles.quiet}>
        {inWords}
      </Text>
      <Bars bars={data.days.map(barOf)} height={height} label={inWords} />
    </div>
  );
}

const barOf = (day: Day): Bar => ({
  key: day.day,
  title: said.dayOf(formatDay(day.day), day),
  done: day.changed,
  failed: day.failed,
  held: day.held,
  isBroken: day.failedCycles > 0,
});
