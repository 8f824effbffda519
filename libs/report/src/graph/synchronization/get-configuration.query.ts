import { JobConfigured } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';

import { NotFound, query, type ReadModels } from '../../database.js';

export interface Configuration {
  readonly revision: number;
  readonly definition: JobDefinition;
  readonly baseDir: string;
}

/** A job's definition as it was applied last, and the folder from which its relative paths start. @throws NotFound */
export async function getConfiguration(models: ReadModels, jobId: string): Promise<Configuration> {
  const [row] = await query<{ data: Configuration }>(
    models,
    `select data from audit_event where activity = 'job' and type = '${JobConfigured.type}' and job_id = $1 order by sequence desc limit 1`,
    [jobId],
  );
  if (!row) throw new NotFound(`there is no job ${jobId}`);
  return row.data;
}
