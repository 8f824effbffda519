import { NotFound, query, type ReadModels } from './database.js';

/** Whether there is such a job, and it was not deleted. */
export async function isJob(models: ReadModels, jobId: string): Promise<boolean> {
  return (await query(models, "select from job where job_id = $1 and state <> 'removed'", [jobId])).length > 0;
}

/** @throws NotFound */
export async function assertJob(models: ReadModels, jobId: string): Promise<void> {
  if (!(await isJob(models, jobId))) throw new NotFound(`there is no job ${jobId}`);
}
