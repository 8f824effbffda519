import { type JobDefinition, type SecretUse, secretUses } from '@provident/domain';

import { query, type ReadModels } from './database.js';

export interface SecretUseOfJob extends SecretUse {
  readonly jobId: string;
}

/** What the jobs refer to as secrets, as they are configured now. */
export async function listSecretUses(models: ReadModels): Promise<SecretUseOfJob[]> {
  const rows = await query<{ job_id: string; definition: JobDefinition | null }>(
    models,
    `select job_id, life -> 'definition' as definition from job where state <> 'removed' order by job_id`,
  );
  return rows.flatMap(({ job_id: jobId, definition }) => (definition ? secretUses(definition).map((use) => ({ jobId, ...use })) : []));
}
