import { makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, Suspense } from 'react';

import { jobQuery } from '../../api/get-job.js';
import { ApiProblem } from '../../api/request.js';
import { nameOf } from '../../shared/job-name.js';
import { lazily } from '../../shared/lazily.js';
import { Link } from '../../shared/link.js';
import { useSearch } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { useMay } from '../../shared/use-may.js';
import { JobBadge } from '../../shared/status-badge.js';
import { texts } from '../../texts/en.js';
import { jobTexts } from '../../texts/en/job.js';
import { CyclesTab } from './cycles-tab.js';
import { FailuresTab } from './failures-tab.js';
import { JobActions } from './job-actions.js';
import { type Revision, revisionsQuery } from '../../shared/revisions.js';
import { SummaryTab } from './summary-tab.js';

const RulesTab = lazily(async () => (await import('./rules/rules-tab.js')).RulesTab);
const DriftTab = lazily(async () => (await import('./drift-tab.js')).DriftTab);
const CredentialsTab = lazily(async () => (await import('./credentials-tab.js')).CredentialsTab);
const SettingsTab = lazily(async () => (await import('./settings-tab.js')).SettingsTab);

const useStyles = makeStyles({ panel: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 } });

const tabs = ['summary', 'failures', 'cycles', 'drift', 'mapping', 'credentials', 'settings'] as const;
type TabName = (typeof tabs)[number];
const said = jobTexts;

/** One job: how it is, what it did, by which rules. */
export function JobPage({ jobId }: { jobId: string }): ReactElement {
  const styles = useStyles();
  const [search, change] = useSearch();
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  const tab = tabs.find((name) => name === search['tab']) ?? 'summary';
  if (!job)
    return (
      <Page title={jobId}>
        {error instanceof ApiProblem && error.status === 404 ? (
          <Empty title={said.notFound(jobId)}>
            <Link to={pages.overview}>{texts.nav.overview}</Link>
          </Empty>
        ) : error ? (
          <Problem error={error} retry={() => void refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  return (
    <Page title={nameOf(job)} status={<JobBadge job={job} />} actions={<JobActions job={job} />}>
      <Text>
        {said.flow(job.source, job.target)} · <Link to={pages.log({ job: jobId })}>{texts.overview.seeLog}</Link> ·{' '}
        <Link to={pages.plan(jobId)}>{said.plan}</Link>
      </Text>
      <TabList
        style={{ flexWrap: 'wrap' }}
        selectedValue={tab}
        onTabSelect={(_, { value }) => change({ tab: value === 'summary' ? undefined : String(value), cause: undefined, cycle: undefined })}
        aria-label={nameOf(job)}
      >
        {tabs.map((name) => (
          <Tab key={name} value={name} id={`tab-${name}`} aria-controls="job-panel">
            {name === 'failures' ? said.failuresTab(job.escrows + job.givenUp) : said.tabs[name]}
          </Tab>
        ))}
      </TabList>
      <div id="job-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className={styles.panel}>
        <Suspense fallback={<Loading />}>
          {tab === 'summary' && <SummaryTab job={job} />}
          {tab === 'failures' && <FailuresTab job={job} />}
          {tab === 'drift' && <DriftTab job={job} />}
          {tab === 'cycles' && <CyclesTab jobId={jobId} />}
          {tab === 'credentials' && <CredentialsTab jobId={jobId} revision={job.revision} />}
          {(tab === 'mapping' || tab === 'settings') && <OfDefinition jobId={jobId} revision={job.revision} tab={tab} />}
        </Suspense>
      </div>
    </Page>
  );
}

function OfDefinition({ jobId, revision, tab }: { jobId: string; revision: number; tab: TabName }): ReactElement {
  const may = useMay('configure', jobId);
  const { data, error, refetch } = useQuery(revisionsQuery(jobId, revision));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const [latest] = data;
  if (!latest) return <Empty title={said.noDefinition} />;
  return (
    <>
      {!may && <NotAllowed permission="configure" />}
      {tabOf(tab, jobId, latest, data)}
    </>
  );
}

function tabOf(tab: TabName, jobId: string, latest: Revision, data: readonly Revision[]): ReactElement {
  if (tab === 'settings') return <SettingsTab key={latest.revision} jobId={jobId} revisions={data as [Revision, ...Revision[]]} />;
  return <RulesTab key={latest.revision} jobId={jobId} latest={latest} />;
}
