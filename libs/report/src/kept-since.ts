import { type RetentionKind, laterHorizon } from '@provident/domain';

import { query, type ReadModels } from './database.js';

/** From when on something of a job is kept: UTC instant, or null when everything is. */
export type KeptSince = (jobId: string) => string | null;

/** Asked once for all jobs. */
export async function keptSince(models: ReadModels, kind: RetentionKind): Promise<KeptSince> {
  const rows = await query<{ job_id: string; kept_since: string }>(
    models,
    'select job_id, kept_since from retention_horizon where kind = $1',
    [kind],
  );
  const byJob = new Map(rows.map(({ job_id, kept_since }) => [job_id, kept_since]));
  // A job that keeps everything now has no horizon of its own, unless something of it had gone before.
  return (jobId) => byJob.get(jobId) ?? null;
}

/** Of several jobs the latest: what lies behind it is there of all of them. */
export const latestOf = (known: KeptSince, jobIds: readonly string[]): string | null => jobIds.map(known).reduce(laterHorizon, null);
