import { type JobFact, isJobFact } from '../job-life/job-fact.js';
import { foldJob } from '../job-life/fold-job.js';
import { type JobLife, unknownJob } from '../job-life/job-life.js';
import { isoOf } from '../object/instant.js';

type DataOf<Type extends JobFact['type']> = Extract<JobFact, { type: Type }>['data'];

/** A fact at that millisecond; its place in the log is its millisecond too. */
export function fact<Type extends JobFact['type']>(atMs: number, type: Type, data: DataOf<Type>): JobFact {
  const event = { type: type as string, sequence: atMs, at: isoOf(atMs), data };
  if (!isJobFact(event)) throw new RangeError(`not a fact of a job: ${type}`);
  return event;
}

/** The job's life after those facts. */
export const lifeAfter = (...facts: readonly JobFact[]): JobLife => facts.reduce(foldJob, unknownJob);
