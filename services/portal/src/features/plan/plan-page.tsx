import { Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { jobQuery } from '../../api/get-job.js';
import { nameOf } from '../../shared/job-name.js';
import { Link } from '../../shared/link.js';
import { useSearch } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { type Revision, revisionsQuery } from '../../shared/revisions.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { jobTexts } from '../../texts/en/job.js';
import { planTexts as said } from '../../texts/en/plan.js';
import { BeginPlan } from './begin-plan.js';
import { HeldRemovals } from './held-removals.js';
import { Plan } from './plan.js';

/** What a cycle of a job would do with everybody: begun here, or in the address of somebody else. */
export function PlanPage({ jobId }: { jobId: string }): ReactElement {
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  if (!job) return <Page title={said.title(jobId)}>{error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />}</Page>;
  return (
    <Page title={said.title(nameOf(job))} actions={<Link to={pages.job(jobId)}>{said.back}</Link>}>
      <Text>{said.lead}</Text>
      <HeldRemovals jobId={jobId} />
      <OfRevisions jobId={jobId} revision={job.revision} />
    </Page>
  );
}

function OfRevisions({ jobId, revision }: { jobId: string; revision: number }): ReactElement {
  const [{ simulation }, change] = useSearch();
  const { data, error, refetch } = useQuery(revisionsQuery(jobId, revision));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const [latest] = data;
  if (!latest) return <Empty title={jobTexts.noDefinition} />;
  const began = (simulationId: string): void => change({ simulation: simulationId, action: undefined, search: undefined });
  return (
    <>
      <BeginPlan key={latest.revision} latest={latest} jobId={jobId} began={began} />
      {simulation !== undefined && (
        <Plan key={simulation} jobId={jobId} simulationId={simulation} revisions={data as [Revision, ...Revision[]]} />
      )}
    </>
  );
}
