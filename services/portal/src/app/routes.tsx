import { lazy, type ReactElement, Suspense } from 'react';

import { OverviewPage } from '../features/overview/overview-page.js';
import { matchPath, usePath } from '../shared/location.js';
import { Page } from '../shared/page.js';
import { Empty, Loading } from '../shared/states.js';
import { texts } from '../texts/en.js';

const load = {
  LogPage: async () => ({ default: (await import('../features/log/log-page.js')).LogPage }),
  JobPage: async () => ({ default: (await import('../features/job/job-page.js')).JobPage }),
  PlanPage: async () => ({ default: (await import('../features/plan/plan-page.js')).PlanPage }),
  AuditPage: async () => ({ default: (await import('../features/audit/audit-page.js')).AuditPage }),
  InstallationPage: async () => ({ default: (await import('../features/installation/installation-page.js')).InstallationPage }),
  SecretsPage: async () => ({ default: (await import('../features/secrets/secrets-page.js')).SecretsPage }),
  TokensPage: async () => ({ default: (await import('../features/tokens/tokens-page.js')).TokensPage }),
  PersonPage: async () => ({ default: (await import('../features/person/person-page.js')).PersonPage }),
  NewJobPage: async () => ({ default: (await import('../features/new-job/new-job-page.js')).NewJobPage }),
};

const LogPage = lazy(load.LogPage);
const JobPage = lazy(load.JobPage);
const PlanPage = lazy(load.PlanPage);
const AuditPage = lazy(load.AuditPage);
const InstallationPage = lazy(load.InstallationPage);
const SecretsPage = lazy(load.SecretsPage);
const TokensPage = lazy(load.TokensPage);
const PersonPage = lazy(load.PersonPage);
const NewJobPage = lazy(load.NewJobPage);

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
