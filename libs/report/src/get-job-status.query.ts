import type { JobStatusView } from '@provident/contracts';

import { NotFound, type ReadModels } from './database.js';
import { listJobs } from './list-jobs.query.js';

/** The summary report of one job. @throws NotFound */
export async function getJobStatus(models: ReadModels, jobId: string, head: number | null): Promise<JobStatusView> {
  const [status] = await listJobs(models, head, jobId);
  if (!status) throw new NotFound(`there is no job ${jobId}`);
  return status;
}
