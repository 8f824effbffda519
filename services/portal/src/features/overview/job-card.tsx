import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { PlayRegular } from '@fluentui/react-icons/svg/play';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { runJob } from '../../api/run-job.js';
import { CycleProgress } from '../../shared/cycle-progress.js';
import { FactList } from '../../shared/fact-list.js';
import { formatNumber } from '../../shared/format.js';
import { Relative } from '../../shared/instant.js';
import { nameOf } from '../../shared/job-name.js';
import { Link } from '../../shared/link.js';
import { NextCycle } from '../../shared/next-cycle.js';
import { pages } from '../../shared/pages.js';
import { CycleBadge, JobBadge } from '../../shared/status-badge.js';
import { PaceLine } from '../../shared/pace-line.js';
import { TallyLine } from '../../shared/tally-line.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { texts } from '../../texts/en.js';
import { jobTexts } from '../../texts/en/job.js';
import { DayChart } from './day-chart.js';

const useStyles = makeStyles({
  card: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  name: { margin: 0, marginRight: 'auto', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM, marginTop: 'auto' },
});

const said = texts.overview;

/** A job at a glance. */
export function JobCard({ job, now }: { job: JobStatusView; now: number }): ReactElement {
  const styles = useStyles();
  const { give, isPending } = useOrder();
  const { jobId, running, lastCycle } = job;
  const mayRun = useMay('operate', jobId);
  return (
    <Card className={styles.card} role="region" aria-label={nameOf(job)}>
      <div className={styles.head}>
        <Subtitle2 as="h3" className={styles.name}>
          <Link to={pages.job(jobId)}>{nameOf(job)}</Link>
        </Subtitle2>
        <JobBadge job={job} />
      </div>
      <Text className={styles.quiet}>{jobTexts.flow(job.source, job.target)}</Text>
      {running && <CycleProgress cycle={running} name={nameOf(job)} />}
      <PaceLine job={job} />
      <FactList
        facts={[
          [said.counts, <Counts key="counts" job={job} />],
          [
            said.last,
            lastCycle ? (
              <>
                <CycleBadge state={lastCycle.state} /> <Relative at={lastCycle.closedAt ?? lastCycle.openedAt} now={now} />
                <TallyLine tally={lastCycle.tally} />
              </>
            ) : (
              texts.common.never
            ),
          ],
          [said.next, <NextCycle key="next" job={job} now={now} />],
          [said.lastSuccess, <Relative key="success" at={job.lastSucceededAt} now={now} />],
        ]}
      />
      {lastCycle && <DayChart job={job} />}
      <div className={styles.foot}>
        {mayRun && (
          <Button icon={<PlayRegular />} disabledFocusable={isPending || running !== null} onClick={() => give(() => runJob(jobId))}>
            {said.run}
          </Button>
        )}
        <Link to={pages.log({ job: jobId })}>{said.seeLog}</Link>
      </div>
    </Card>
  );
}

function Counts({ job: { inScope, linked } }: { job: JobStatusView }): ReactElement {
  const types = [...new Set([...Object.keys(inScope), ...Object.keys(linked)])];
  if (types.length === 0) return <>{texts.common.nothing}</>;
  return (
    <>
      {types.map((type) => (
        <div key={type}>
          <strong>{formatNumber(linked[type] ?? 0)}</strong> {texts.objectType(type, linked[type] ?? 0)} {said.linked},{' '}
          <strong>{formatNumber(inScope[type] ?? 0)}</strong> {said.inScope}
        </div>
      ))}
    </>
  );
}
