import type { JobId, ObjectKey } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { KnownObject } from './source-index.js';

/** An object whose wait for another's account is over. */
export interface ReadyObject {
  readonly objectKey: ObjectKey;
  /** Log sequence of the event that ended the wait, and the cycle it belongs to. */
  readonly readyAt: number;
  readonly inCycle: string;
}

/**
 * Objects that can be given a reference now, the longest ready first. One that has no account of its own yet is not among them: its creation
 * takes the reference up.
 */
export async function listReady(database: DataSource, jobId: JobId, limit: number): Promise<(ReadyObject & KnownObject)[]> {
  const rows = await database.query<(KnownObject & { readyAt: string; inCycle: string })[]>(
    `SELECT w.ready_at AS "readyAt", w.cycle_id AS "inCycle", o.object_key AS "objectKey", o.hash, o.deleted, o.target_id AS "targetId",
            o.cycle_id AS "cycleId", o.source_id AS "sourceId", o.display_name AS "displayName", o.attributes
       FROM reference_wait AS w JOIN source_object AS o ON o.job_id = $1 AND o.object_key = w.object_key
      WHERE w.job_id = $1 AND w.ready_at IS NOT NULL AND o.target_id IS NOT NULL AND NOT o.deleted AND o.hash IS NOT NULL
      ORDER BY w.ready_at, w.object_key LIMIT $2`,
    [jobId, limit],
  );
  // Who waits for several comes once, with the latest of those that are there.
  const once = new Map(rows.map((row) => [row.objectKey, { ...row, readyAt: Number(row.readyAt) }]));
  return [...once.values()];
}
