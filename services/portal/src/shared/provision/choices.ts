import type { JobStatusView } from '@provident/contracts/http';

import type { Wanted } from '../../api/provision-now.js';
import { nameOf } from '../job-name.js';

/** A job that can provision somebody now, and by which id it knows them. */
export interface Choice extends Wanted {
  readonly job: string;
  /** What the target is called; null while the job is not known. */
  readonly target: string | null;
}

interface Known {
  readonly jobId: string;
  readonly objectType: string;
  readonly sourceId: string | null;
  readonly targetId: string | null;
}

type Jobs = ReadonlyMap<string, JobStatusView>;

const choice = (jobs: Jobs, wanted: Wanted): Choice => {
  const job = jobs.get(wanted.jobId);
  return { ...wanted, job: job ? nameOf(job) : wanted.jobId, target: job?.target ?? null };
};

/** Jobs that know the object, each by its id in the source or else that of its account; the same one of a job only once. */
export function choicesOf(known: readonly Known[], jobs: Jobs): Choice[] {
  const found = new Map<string, Choice>();
  for (const { jobId, objectType, sourceId, targetId } of known) {
    const id = sourceId ?? targetId;
    if (id !== null) found.set(JSON.stringify([jobId, objectType, id]), choice(jobs, { jobId, objectType, id }));
  }
  return [...found.values()];
}

/** Somebody whom no job has delivered yet may be in the source of each. */
export const choicesForUnknown = (id: string, jobs: Jobs): Choice[] =>
  [...jobs.keys()].map((jobId) => choice(jobs, { jobId, objectType: 'user', id }));
