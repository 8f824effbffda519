import { JobConfigured } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';

import { NotFound, query, type ReadModels } from '../../database.js';

/** A job's definition as it was applied last, and the folder from which its relative paths start. @throws NotFound */
export async function getConfiguration(models: ReadModels, jobId: string): Promise<{ definition: JobDefinition; baseDir: string }> {
  const [row] = await query<{ data: { definition: JobDefinition; baseDir: string } }>(
    models,
    `select data from audit_event where activity = 'job' and type = '${JobConfigured.type}' and job_id = $1 order by sequence desc limit 1`,
    [jobId],
  );
  if (!row) throw new NotFound(`there is no job ${jobId}`);
  return row.data;
}
