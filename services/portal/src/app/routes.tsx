import { lazy, type ReactElement, Suspense } from 'react';

import { OverviewPage } from '../features/overview/overview-page.js';
import { matchPath, usePath } from '../shared/location.js';
import { Page } from '../shared/page.js';
import { Empty, Loading } from '../shared/states.js';
import { texts } from '../texts/en.js';

const LogPage = lazy(async () => ({ default: (await import('../features/log/log-page.js')).LogPage }));
const JobPage = lazy(async () => ({ default: (await import('../features/job/job-page.js')).JobPage }));
const PlanPage = lazy(async () => ({ default: (await import('../features/plan/plan-page.js')).PlanPage }));
const AuditPage = lazy(async () => ({ default: (await import('../features/audit/audit-page.js')).AuditPage }));
const InstallationPage = lazy(async () => ({ default: (await import('../features/installation/installation-page.js')).InstallationPage }));
const SecretsPage = lazy(async () => ({ default: (await import('../features/secrets/secrets-page.js')).SecretsPage }));
const TokensPage = lazy(async () => ({ default: (await import('../features/tokens/tokens-page.js')).TokensPage }));
const PersonPage = lazy(async () => ({ default: (await import('../features/person/person-page.js')).PersonPage }));
const NewJobPage = lazy(async () => ({ default: (await import('../features/new-job/new-job-page.js')).NewJobPage }));

type Parameters = Readonly<Record<string, string>>;

/** Which page an address opens; all but the first are loaded when they are asked for. */
const routes: readonly (readonly [pattern: string, page: (parameters: Parameters) => ReactElement])[] = [
  ['/', () => <OverviewPage firstRun={<NewJobPage isFirst />} />],
  ['/log', () => <LogPage />],
  ['/people', () => <PersonPage />],
  ['/audit', () => <AuditPage />],
  ['/settings', () => <InstallationPage />],
  ['/secrets', () => <SecretsPage />],
  ['/tokens', () => <TokensPage />],
  ['/new-job', () => <NewJobPage isFirst={false} />],
  ['/jobs/:jobId/plan', ({ jobId = '' }) => <PlanPage key={jobId} jobId={jobId} />],
  ['/jobs/:jobId', ({ jobId = '' }) => <JobPage key={jobId} jobId={jobId} />],
];

export function Routes(): ReactElement {
  const path = usePath();
  for (const [pattern, page] of routes) {
    const parameters = matchPath(pattern, path);
    if (parameters) return <Suspense fallback={<Loading />}>{page(parameters)}</Suspense>;
  }
  return (
    <Page title={texts.problem.notFound}>
      <Empty title={path}>{texts.problem.notFoundHint}</Empty>
    </Page>
  );
}
