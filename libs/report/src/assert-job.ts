import { NotFound, query, type ReadModels } from './database.js';

/** @throws NotFound */
export async function assertJob(models: ReadModels, jobId: string): Promise<void> {
  const known = await query(models, "select from job where job_id = $1 and state <> 'removed'", [jobId]);
  if (known.length === 0) throw new NotFound(`there is no job ${jobId}`);
}
