import { makeStyles, MessageBar, MessageBarBody, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { HealthView, JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { healthQuery } from '../../api/get-health.js';
import { jobsQuery } from '../../api/get-jobs.js';
import { formatNumber } from '../../shared/format.js';
import { Page } from '../../shared/page.js';
import { Loading, Problem } from '../../shared/states.js';
import { useNow } from '../../shared/use-now.js';
import { texts } from '../../texts/en.js';
import { attentionOf } from '../../shared/attention/attention.js';
import { AttentionList } from '../../shared/attention/attention-list.js';
import { JobCard } from './job-card.js';

const useStyles = makeStyles({
  jobs: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 420px), 1fr))', gap: tokens.spacingHorizontalL },
  heading: { margin: 0 },
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

/** Health in five seconds: what waits for a person, then every job. `firstRun` stands in its place while there is none. */
export function OverviewPage({ firstRun }: { firstRun: ReactElement }): ReactElement {
  const { data: jobs, error, refetch } = useQuery(jobsQuery);
  const { data: health, dataUpdatedAt } = useQuery(healthQuery);
  if (!jobs)
    return <Page title={texts.overview.title}>{error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />}</Page>;
  if (jobs.length === 0) return firstRun;
  return (
    <Page title={texts.overview.title}>
      <Overview jobs={jobs} health={health} askedAt={dataUpdatedAt} />
    </Page>
  );
}

/** From this many on, a reader should know that the newest events are not in the reports yet. */
const worthSaying = 2_000;

function Overview({ jobs, health, askedAt }: { jobs: JobStatusView[]; health: HealthView | undefined; askedAt: number }): ReactElement {
  const styles = useStyles();
  const now = useNow();
  const items = attentionOf(jobs, health, askedAt);
  const behind = health ? health.log.head - health.log.position : 0;
  return (
    <>
      <section className={styles.section} aria-label={texts.overview.attention}>
        {items.length === 0 ? (
          <MessageBar intent="success">
            <MessageBarBody>{texts.overview.allWell(jobs.length)}</MessageBarBody>
          </MessageBar>
        ) : (
          <>
            <Subtitle1 as="h2" className={styles.heading}>
              {texts.overview.attention}
            </Subtitle1>
            <AttentionList items={items} now={now} />
          </>
        )}
        {behind > worthSaying && <Text>{texts.overview.behind(formatNumber(behind))}</Text>}
      </section>
      <section className={styles.section} aria-label={texts.overview.jobs}>
        <Subtitle1 as="h2" className={styles.heading}>
          {texts.overview.jobs}
        </Subtitle1>
        <div className={styles.jobs}>
          {jobs.map((job) => (
            <JobCard key={job.jobId} job={job} now={now} />
          ))}
        </div>
      </section>
    </>
  );
}
