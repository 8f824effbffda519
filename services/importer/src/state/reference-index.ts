import type { JobId, ObjectKey } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { KnownObject } from './source-index.js';

/** An object that refers to somebody whose account has come or gone since it was imported. */
export interface StaleObject {
  readonly objectKey: ObjectKey;
  /** Log sequence of the event since which that is so, and the cycle it belongs to. */
  readonly staleAt: number;
  readonly inCycle: string;
}

/**
 * Objects of which a reference would lead elsewhere now, the longest so first. One that has no account of its own yet is not among them: its creation
 * takes the reference up.
 */
export async function listStale(database: DataSource, jobId: JobId, limit: number): Promise<(StaleObject & KnownObject)[]> {
  const rows = await database.query<(KnownObject & { staleAt: string; inCycle: string })[]>(
    `SELECT g.stale_at AS "staleAt", g.cycle_id AS "inCycle", o.object_key AS "objectKey", o.hash, o.deleted, o.target_id AS "targetId",
            o.cycle_id AS "cycleId", o.source_id AS "sourceId", o.display_name AS "displayName", o.attributes
       FROM reference_given AS g JOIN source_object AS o ON o.job_id = $1 AND o.object_key = g.object_key
      WHERE g.job_id = $1 AND g.stale_at IS NOT NULL AND o.target_id IS NOT NULL AND NOT o.deleted AND o.hash IS NOT NULL
      ORDER BY g.stale_at, g.object_key LIMIT $2`,
    [jobId, limit],
  );
  // Who refers to several comes once, with the latest of those that turned.
  const once = new Map(rows.map((row) => [row.objectKey, { ...row, staleAt: Number(row.staleAt) }]));
  return [...once.values()];
}
