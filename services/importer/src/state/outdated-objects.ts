import type { JobId, ObjectType } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { type KnownObject, knownColumns, ofType } from './source-index.js';

/** An object that was last imported under other rules than those of a cycle. */
export interface OutdatedObject extends KnownObject {
  /** Log sequence of the rules that it was last imported under. */
  readonly rules: number;
  /** Whether the target could not be asked or written when it was last tried. */
  readonly failed: boolean;
}

// Of somebody who is gone the account alone matters. A record that cannot be used cannot be judged either: it is tried again.
const outdated = `job_id = $1 AND cycle_id <> $2 AND rules <> $3 AND hash IS NOT NULL AND (NOT deleted OR target_id IS NOT NULL)
  AND ${ofType(4)}`;

/** Which objects of one job the present rules were not applied to so far. */
export class OutdatedObjects {
  constructor(
    private readonly database: DataSource,
    private readonly jobId: JobId,
  ) {}

  /** Log sequence of the rules of the last complete import: what they made of everybody is known. null before. */
  async findJudged(): Promise<number | null> {
    const [row] = await this.database.query<{ rules: string }[]>('SELECT rules FROM judged_rules WHERE job_id = $1', [this.jobId]);
    return row ? Number(row.rules) : null;
  }

  /** Rules newer than those under which some record was read: what was asked of the source for it is what these need. */
  async listReadSince(judged: number, type: ObjectType): Promise<number[]> {
    const rows = await this.database.query<{ rules: string }[]>(
      `SELECT DISTINCT read_rules AS rules FROM source_object WHERE job_id = $1 AND read_rules > $2 AND ${ofType(3)}`,
      [this.jobId, judged, type],
    );
    return rows.map(({ rules }) => Number(rules));
  }

  async count(cycleId: string, type: ObjectType, rules: number): Promise<number> {
    const [row] = await this.database.query<[{ count: string }]>(`SELECT count(*) FROM source_object WHERE ${outdated}`, [
      this.jobId,
      cycleId,
      rules,
      type,
    ]);
    return Number(row.count);
  }

  /** In key order. */
  async list(cycleId: string, type: ObjectType, rules: number, after: string, limit: number): Promise<OutdatedObject[]> {
    const rows = await this.database.query<(OutdatedObject & { rules: string })[]>(
      `SELECT ${knownColumns}, rules, failed FROM source_object WHERE ${outdated} AND object_key > $5 ORDER BY object_key LIMIT $6`,
      [this.jobId, cycleId, rules, type, after, limit],
    );
    return rows.map((row) => ({ ...row, rules: Number(row.rules) }));
  }
}
