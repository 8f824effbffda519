import { Card, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { attentionOf } from '../../shared/attention/attention.js';
import { AttentionList } from '../../shared/attention/attention-list.js';
import { CycleProgress } from '../../shared/cycle-progress.js';
import { FactList } from '../../shared/fact-list.js';
import { formatDuration, formatNumber } from '../../shared/format.js';
import { Instant, Relative } from '../../shared/instant.js';
import { nameOf } from '../../shared/job-name.js';
import { NextCycle } from '../../shared/next-cycle.js';
import { PaceLine } from '../../shared/pace-line.js';
import { rateSaid } from '../../shared/pace-said.js';
import { CycleBadge, JobBadge } from '../../shared/status-badge.js';
import { TallyLine } from '../../shared/tally-line.js';
import { useNow } from '../../shared/use-now.js';
import { texts } from '../../texts/en.js';
import { failuresTexts } from '../../texts/en/failures.js';
import { jobTexts } from '../../texts/en/job.js';
import { paceTexts } from '../../texts/en/pace.js';
import { personTexts } from '../../texts/en/person.js';
import { detailsTexts } from '../../texts/en/details.js';
import { QuarantineHistory } from './quarantine-history.js';

const useStyles = makeStyles({
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 420px), 1fr))', gap: tokens.spacingHorizontalL },
  heading: { margin: 0 },
});

const said = jobTexts;

/** The summary report of a job: all of its facts. */
export function SummaryTab({ job }: { job: JobStatusView }): ReactElement {
  const styles = useStyles();
  const now = useNow();
  const { running, lastCycle, freshness } = job;
  const items = attentionOf([job], undefined, now);
  const behind = freshness.head - freshness.position;
  const types = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([type, count]) => `${formatNumber(count)} ${texts.objectType(type, count)}`)
      .join(', ') || texts.common.none;
  return (
    <>
      {items.length > 0 && <AttentionList items={items} now={now} />}
      <div className={styles.cards}>
        {running && (
          <Card>
            <Subtitle1 as="h2" className={styles.heading}>
              {said.running}
            </Subtitle1>
            <Text>{texts.kind[running.kind]}</Text>
            <CycleProgress cycle={running} name={nameOf(job)} />
            <PaceLine job={job} />
            <TallyLine tally={running.tally} />
          </Card>
        )}
        <Card>
          <Subtitle1 as="h2" className={styles.heading}>
            {said.facts}
          </Subtitle1>
          <FactList
            facts={[
              [personTexts.state, <JobBadge key="state" job={job} />],
              [said.inScope, types(job.inScope)],
              [said.linked, types(job.linked)],
              [said.escrows, formatNumber(job.escrows)],
              ...(job.givenUp === 0 ? [] : ([[failuresTexts.givenUp, formatNumber(job.givenUp)]] as const)),
              [said.initialDone, job.initialCycleCompleted ? texts.common.yes : texts.common.no],
              [said.lastSuccess, <Instant key="success" at={job.lastSucceededAt} />],
              [said.next, <NextCycle key="next" job={job} now={now} />],
              ...(job.rate ? ([[paceTexts.rate, rateSaid(job.rate)]] as const) : []),
              [said.revision, formatNumber(job.revision)],
              [said.fresh, behind > 0 ? said.freshBehind(formatNumber(behind)) : said.freshNow],
            ]}
          />
        </Card>
        <Card>
          <Subtitle1 as="h2" className={styles.heading}>
            {said.lastCycle}
          </Subtitle1>
          {lastCycle ? (
            <FactList
              facts={[
                [said.result, <CycleBadge key="result" state={lastCycle.state} />],
                [said.kindLabel, texts.kind[lastCycle.kind]],
                [said.opened, <Instant key="opened" at={lastCycle.openedAt} />],
                ...(lastCycle.closedAt === null
                  ? []
                  : ([[said.duration, formatDuration(Date.parse(lastCycle.closedAt) - Date.parse(lastCycle.openedAt))]] as const)),
                [said.ended, <Relative key="ended" at={lastCycle.closedAt} now={now} />],
                [said.outcome, <TallyLine key="tally" tally={lastCycle.tally} />],
                ...(lastCycle.failure ? ([[detailsTexts.error, lastCycle.failure.message]] as const) : []),
              ]}
            />
          ) : (
            <Text>{said.noCycle}</Text>
          )}
        </Card>
      </div>
      <QuarantineHistory jobId={job.jobId} />
    </>
  );
}
