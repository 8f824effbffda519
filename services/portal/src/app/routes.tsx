import { type ReactElement, Suspense } from 'react';

import { OverviewPage } from '../features/overview/overview-page.js';
import { lazily } from '../shared/lazily.js';
import { matchPath, usePath } from '../shared/location.js';
import { Page } from '../shared/page.js';
import { Empty, Loading } from '../shared/states.js';
import { texts } from '../texts/en.js';

const load = {
  LogPage: async () => (await import('../features/log/log-page.js')).LogPage,
  JobPage: async () => (await import('../features/job/job-page.js')).JobPage,
  PlanPage: async () => (await import('../features/plan/plan-page.js')).PlanPage,
  AuditPage: async () => (await import('../features/audit/audit-page.js')).AuditPage,
  InstallationPage: async () => (await import('../features/installation/installation-page.js')).InstallationPage,
  SecretsPage: async () => (await import('../features/secrets/secrets-page.js')).SecretsPage,
  TokensPage: async () => (await import('../features/tokens/tokens-page.js')).TokensPage,
  PersonPage: async () => (await import('../features/person/person-page.js')).PersonPage,
  NewJobPage: async () => (await import('../features/new-job/new-job-page.js')).NewJobPage,
};

const LogPage = lazily(load.LogPage);
const JobPage = lazily(load.JobPage);
const PlanPage = lazily(load.PlanPage);
const AuditPage = lazily(load.AuditPage);
const InstallationPage = lazily(load.InstallationPage);
const SecretsPage = lazily(load.SecretsPage);
const TokensPage = lazily(load.TokensPage);
const PersonPage = lazily(load.PersonPage);
const NewJobPage = lazily(load.NewJobPage);

type Parameters = Readonly<Record<string, string>>;

/** Which page an address opens, and what is loaded for it; the first page is there already. */
const routes: readonly (readonly [pattern: string, page: (parameters: Parameters) => ReactElement, load?: () => Promise<unknown>])[] = [
  ['/', () => <OverviewPage firstRun={<NewJobPage isFirst />} />],
  ['/log', () => <LogPage />, load.LogPage],
  ['/people', () => <PersonPage />, load.PersonPage],
  ['/audit', () => <AuditPage />, load.AuditPage],
  ['/settings', () => <InstallationPage />, load.InstallationPage],
  ['/secrets', () => <SecretsPage />, load.SecretsPage],
  ['/tokens', () => <TokensPage />, load.TokensPage],
  ['/new-job', () => <NewJobPage isFirst={false} />, load.NewJobPage],
  ['/jobs/:jobId/plan', ({ jobId = '' }) => <PlanPage key={jobId} jobId={jobId} />, load.PlanPage],
  ['/jobs/:jobId', ({ jobId = '' }) => <JobPage key={jobId} jobId={jobId} />, load.JobPage],
];

/** Begins to load the page of an address, while the server is still asked who asks. What does not come is asked for again where it is to be shown. */
export function loadPageOf(path: string): void {
  const [, , loads] = routes.find(([pattern]) => matchPath(pattern, path)) ?? [];
  loads?.().catch(() => undefined);
}

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
