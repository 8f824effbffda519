import { type AttributeBag, type JobId, type MatchKey, type ObjectKey, type ObjectType, partsOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { AgainRequest } from './fold-imports.js';
import { keysIn, soughtText } from './sought-keys.js';

/** What tells whether an object has changed. */
export interface ObjectOutline {
  readonly objectKey: ObjectKey;
  readonly hash: string | null;
  readonly deleted: boolean;
  readonly targetId: string | null;
  readonly cycleId: string;
}

export interface KnownObject extends ObjectOutline {
  readonly sourceId: string;
  readonly displayName: string | null;
  readonly attributes: AttributeBag;
}

export interface OpenCycle {
  /** Data of the cycle-opened. */
  readonly opened: {
    readonly cycleId: string;
    readonly kind: 'initial' | 'incremental';
    readonly rules: number;
    readonly watermark: Record<string, unknown> | null;
    readonly drift?: 'report' | 'repair';
  };
  readonly sequence: number;
  /** Data of its newest page-imported. */
  readonly progress: {
    readonly page: number;
    readonly cursor: Record<string, unknown>;
    readonly read: number;
    readonly imported: number;
    readonly failed: number;
  } | null;
}

const outline = 'object_key AS "objectKey", hash, deleted, target_id AS "targetId", cycle_id AS "cycleId"';
/** Columns of a known object. */
export const knownColumns = `${outline}, source_id AS "sourceId", display_name AS "displayName", attributes`;

/** What the importer remembers of one job: its source as last seen, its links, and what is still to be done. */
export class SourceIndex {
  /** @param scratch under which name it is kept what a read showed: of the job for its cycle */
  constructor(
    private readonly database: DataSource,
    private readonly jobId: JobId,
    private readonly scratch: string = jobId,
  ) {}

  async findOutlines(keys: readonly ObjectKey[]): Promise<Map<ObjectKey, ObjectOutline>> {
    const sql = `SELECT ${outline} FROM source_object WHERE job_id = $1 AND object_key = ANY($2)`;
    const rows = await this.database.query<ObjectOutline[]>(sql, [this.jobId, keys]);
    return new Map(rows.map((row) => [row.objectKey, row]));
  }

  async findObjects(keys: readonly ObjectKey[]): Promise<Map<ObjectKey, KnownObject>> {
    if (keys.length === 0) return new Map();
    const rows = await this.database.query<KnownObject[]>(
      `SELECT ${knownColumns} FROM source_object WHERE job_id = $1 AND object_key = ANY($2)`,
      [this.jobId, keys],
    );
    return new Map(rows.map((row) => [row.objectKey, row]));
  }

  /** Which of these accounts are linked, and to whom. Targets may give a user and a group the same id. */
  async findOwners(type: ObjectType, targetIds: readonly string[]): Promise<Map<string, ObjectKey>> {
    if (targetIds.length === 0) return new Map();
    const rows = await this.database.query<{ targetId: string; objectKey: ObjectKey }[]>(
      `SELECT target_id AS "targetId", object_key AS "objectKey" FROM source_object WHERE job_id = $1 AND target_id = ANY($2) AND ${ofType(3)}`,
      [this.jobId, targetIds, type],
    );
    return new Map(rows.map((row) => [row.targetId, row.objectKey]));
  }

  /**
   * By what objects without a link were looked for before, apart from what they are looked for by now and from what somebody else without a link is.
   */
  async findFormerKeys(now: ReadonlyMap<ObjectKey, readonly MatchKey[]>): Promise<Map<ObjectKey, MatchKey[]>> {
    const rows = await this.database.query<{ objectKey: ObjectKey; sought: string }[]>(
      `SELECT object_key AS "objectKey", sought FROM source_object
        WHERE job_id = $1 AND object_key = ANY($2) AND target_id IS NULL AND sought IS NOT NULL`,
      [this.jobId, [...now.keys()]],
    );
    const former = new Map<ObjectKey, MatchKey[]>();
    for (const { objectKey, sought } of rows) {
      const newest = now.get(objectKey)!;
      const before = keysIn(sought).filter(
        (key) => !newest.some(({ attribute, value }) => attribute === key.attribute && value === key.value),
      );
      const own: MatchKey[] = [];
      for (const key of before) if (!(await this.isSoughtByOthers(objectKey, key))) own.push(key);
      if (own.length > 0) former.set(objectKey, own);
    }
    return former;
  }

  private async isSoughtByOthers(objectKey: ObjectKey, key: MatchKey): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      `SELECT 1 FROM source_object WHERE job_id = $1 AND object_key <> $2 AND replace(sought, $3, '') <> sought AND ${ofType(4)} LIMIT 1`,
      [this.jobId, objectKey, soughtText([key]), partsOf(objectKey).objectType],
    );
    return rows.length > 0;
  }

  /** Who is known to belong to what: present objects whose attribute of that name holds. */
  async findBelonging(names: readonly string[]): Promise<Map<string, Set<ObjectKey>>> {
    const rows = await this.database.query<{ name: string; objectKey: ObjectKey }[]>(
      `SELECT n.name, o.object_key AS "objectKey" FROM unnest($2::text[]) AS n (name)
         JOIN source_object AS o ON o.job_id = $1 AND NOT o.deleted AND o.attributes -> n.name = 'true'::jsonb`,
      [this.jobId, names],
    );
    const belonging = new Map<string, Set<ObjectKey>>();
    for (const { name, objectKey } of rows) belonging.set(name, (belonging.get(name) ?? new Set()).add(objectKey));
    return belonging;
  }

  /** The anchor of the object of that kind that an account is linked to. */
  async findAnchorOf(type: ObjectType, targetId: string): Promise<string | null> {
    const rows = await this.database.query<{ sourceId: string }[]>(
      `SELECT source_id AS "sourceId" FROM source_object WHERE job_id = $1 AND target_id = $2 AND ${ofType(3)}`,
      [this.jobId, targetId, type],
    );
    return rows.length === 1 ? rows[0]!.sourceId : null;
  }

  async countPresent(type: ObjectType): Promise<number> {
    return this.count(`NOT deleted AND ${ofType(2)}`, [type]);
  }

  /** Present objects with an account that this cycle has not taken up, and that did not fail; in key order. */
  async listLinked(cycleId: string, type: ObjectType, after: string, limit: number): Promise<(KnownObject & { disabled: boolean })[]> {
    return this.database.query<(KnownObject & { disabled: boolean })[]>(
      `SELECT ${knownColumns}, disabled FROM source_object WHERE job_id = $1 AND object_key > $3 AND target_id IS NOT NULL AND NOT deleted
         AND hash IS NOT NULL AND NOT failed AND cycle_id <> $2 AND ${ofType(5)} ORDER BY object_key LIMIT $4`,
      [this.jobId, cycleId, after, limit, type],
    );
  }

  /** Present groups with an account, in key order: also those whose own values are on their way, for who is in them is another matter. */
  async listLinkedGroups(after: string, limit: number): Promise<(KnownObject & { disabled: boolean })[]> {
    return this.database.query<(KnownObject & { disabled: boolean })[]>(
      `SELECT ${knownColumns}, disabled FROM source_object WHERE job_id = $1 AND object_key > $2 AND target_id IS NOT NULL AND NOT deleted
         AND hash IS NOT NULL AND NOT failed AND ${ofType(4)} ORDER BY object_key LIMIT $3`,
      [this.jobId, after, limit, 'group'],
    );
  }

  async countLinked(): Promise<number> {
    return this.count('target_id IS NOT NULL');
  }

  async findOpenCycle(): Promise<OpenCycle | null> {
    const [row] = await this.database.query<OpenCycle[]>(
      'SELECT opened, sequence::int8 AS sequence, progress FROM open_cycle WHERE job_id = $1',
      [this.jobId],
    );
    return row ? { ...row, sequence: Number(row.sequence) } : null;
  }

  /** Whether somebody restarted the job since the open cycle was opened, so that another one reads everything. */
  async isRestarted(): Promise<boolean> {
    const rows = await this.database.query<unknown[]>('SELECT FROM open_cycle WHERE job_id = $1 AND restarted', [this.jobId]);
    return rows.length > 0;
  }

  /** What has to be imported again, oldest first; without retries, only decisions that were sent back. */
  async listAgain(limit: number, { retries }: { readonly retries: boolean }): Promise<{ sequence: number; request: AgainRequest }[]> {
    const rows = await this.database.query<{ sequence: string; request: AgainRequest }[]>(
      `SELECT sequence, request FROM again WHERE job_id = $1 AND ($3 OR (request->>'round')::int > 0) ORDER BY sequence LIMIT $2`,
      [this.jobId, limit, retries],
    );
    return rows.map(({ sequence, request }) => ({ sequence: Number(sequence), request }));
  }

  async markSeen(cycleId: string, keys: readonly ObjectKey[]): Promise<void> {
    await this.database.query(
      'INSERT INTO seen (job_id, cycle_id, object_key) SELECT $1, $2, * FROM unnest($3::text[]) ON CONFLICT DO NOTHING',
      [this.scratch, cycleId, keys],
    );
  }

  /**
   * Objects of that kind that are known, were not seen in this cycle and have not been imported by it; in key order. Asked key by key and not as an
   * anti-join: of a table that was just filled Postgres has no statistics yet, and would then compare everybody with everybody.
   */
  async listUnseen(cycleId: string, type: ObjectType, after: string, limit: number): Promise<KnownObject[]> {
    return this.database.query<KnownObject[]>(
      `SELECT ${knownColumns} FROM source_object AS o WHERE job_id = $1 AND object_key > $3 AND NOT deleted AND cycle_id <> $2 AND ${ofType(5)}
         AND (SELECT s.object_key FROM seen AS s WHERE s.job_id = $6 AND s.cycle_id = $2 AND s.object_key = o.object_key) IS NULL
       ORDER BY object_key LIMIT $4`,
      [this.jobId, cycleId, after, limit, type, this.scratch],
    );
  }

  /**
   * Objects that this cycle has to take up whatever the source shows: a retry found that their account has to go, or one was made while they were
   * taken for somebody without an account; in key order.
   */
  async listLate(cycleId: string, type: ObjectType, after: string, limit: number): Promise<KnownObject[]> {
    return this.database.query<KnownObject[]>(
      `SELECT ${knownColumns} FROM source_object WHERE job_id = $1 AND (late OR (taken_for_unlinked AND target_id IS NOT NULL))
         AND hash IS NOT NULL AND cycle_id <> $2 AND object_key > $3 AND ${ofType(5)}
       ORDER BY object_key LIMIT $4`,
      [this.jobId, cycleId, after, limit, type],
    );
  }

  /** Removes the scratch of all reads under this name. */
  async clearScratch(): Promise<void> {
    for (const table of ['seen', 'listed_value', 'listed_account', 'seen_membership', 'membership_change', 'read_group'])
      await this.database.query(`DELETE FROM ${table} WHERE job_id = $1`, [this.scratch]);
  }

  private async count(condition: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.database.query<[{ count: string }]>(`SELECT count(*) FROM source_object WHERE job_id = $1 AND ${condition}`, [
      this.jobId,
      ...values,
    ]);
    return Number(row.count);
  }
}

/** Whether a row is about an object of the kind that the parameter of that number names. */
export const ofType = (parameter: number): string => `object_key LIKE $${parameter}::text || ':%'`;
