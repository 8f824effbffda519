import { query, type ReadModels } from '../database.js';

/** Names of a job's systems for people. */
export interface NamedJob {
  readonly jobId: string;
  readonly source: string;
  readonly target: string;
}

/** Jobs, also those that were removed: what they did stays in the log. */
export async function jobsById(models: ReadModels): Promise<(jobId: string) => NamedJob> {
  const rows = await query<NamedJob>(models, 'select job_id as "jobId", source, target from job');
  const jobs = new Map(rows.map((row) => [row.jobId, row]));
  return (jobId) => jobs.get(jobId) ?? { jobId, source: 'source', target: 'target' };
}
