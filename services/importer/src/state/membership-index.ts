import type { AttributeBag, JobId, Member, MemberChanges, Nesting, ObjectKey } from '@provident/domain';
import type { Membership } from '@provident/connectors';
import { objectKeyOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { changesOf, isThere } from './associations.js';

/** What the source says anew of one membership. */
export interface MembershipChange {
  readonly group: ObjectKey;
  readonly member: ObjectKey;
  readonly kind: 'added' | 'removed' | 'refused';
  readonly refused: string | null;
}

/** A group with memberships that have to be written. */
export interface DueGroup {
  readonly objectKey: ObjectKey;
  readonly sourceId: string;
  readonly displayName: string | null;
  readonly attributes: AttributeBag;
  readonly targetId: string;
  readonly deleted: boolean;
}

/** Some of a group's memberships that have to be written, and the cycle in which that was found out. */
export interface DueMembers {
  readonly group: DueGroup;
  readonly changes: MemberChanges;
  readonly cycleId: string;
}

/** Who belongs to a group, as far as that is known. */
export interface KnownMember {
  readonly key: ObjectKey;
  /** Id of the account, as it was written or as it is. */
  readonly id: string | null;
  /** It was written for the account that is the member's still, is wanted, and nothing of it is on its way or has to be written. */
  readonly settled: boolean;
  /** The account is the member's, and nobody's who was given it since. */
  readonly isOwn: boolean;
}

/** Memberships that have to be written: at any time, or by a cycle that weighs them. */
export type Which = 'due' | 'gated';

/** Who is not proposed to leave a group although the source says so. */
export interface NotLeaving {
  /** Whoever is gone from the source: what becomes of the account decides about its memberships too. */
  readonly gone: boolean;
  /** Rules under which a person rejected it, and that are the same still. */
  readonly rejectedUnder: readonly number[];
}

const leaving = 'm.gated AND NOT ($3 AND p.deleted IS TRUE) AND (m.rejected_rules IS NULL OR NOT m.rejected_rules = ANY($4::bigint[]))';
const valuesOf = ({ gone, rejectedUnder }: NotLeaving): unknown[] => [gone, rejectedUnder];

/** What the importer remembers of memberships, and the scratch of a cycle that reads them. */
export class MembershipIndex {
  /** @param scratch under which name it is kept what a read showed: of the job for its cycle */
  constructor(
    private readonly database: DataSource,
    private readonly jobId: JobId,
    private readonly scratch: string = jobId,
  ) {}

  // ---------------------------------------------------------------- as the source shows them, within a cycle

  async beginReading(cycleId: string): Promise<void> {
    for (const table of ['seen_membership', 'membership_change', 'read_group'])
      await this.database.query(`DELETE FROM ${table} WHERE job_id = $1 AND cycle_id = $2`, [this.scratch, cycleId]);
  }

  async markSeen(cycleId: string, memberships: readonly Membership[]): Promise<void> {
    await this.database.query(
      'INSERT INTO seen_membership (job_id, cycle_id, group_key, member_key) SELECT $1, $2, * FROM unnest($3::text[], $4::text[]) ON CONFLICT DO NOTHING',
      [
        this.scratch,
        cycleId,
        memberships.map(({ group }) => objectKeyOf('group', group)),
        memberships.map(({ memberType, member }) => objectKeyOf(memberType, member)),
      ],
    );
  }

  /** Takes back what was seen of some groups. */
  async forget(cycleId: string, groups: readonly string[]): Promise<void> {
    if (groups.length === 0) return;
    await this.database.query('DELETE FROM seen_membership WHERE job_id = $1 AND cycle_id = $2 AND group_key = ANY($3)', [
      this.scratch,
      cycleId,
      groups.map((group) => objectKeyOf('group', group)),
    ]);
  }

  /** Notes how the reading of some groups' lists went. @param whole whether they came to their end */
  async markRead(cycleId: string, groups: readonly string[], whole: boolean): Promise<void> {
    if (groups.length === 0) return;
    await this.database.query(
      `INSERT INTO read_group (job_id, cycle_id, group_key, whole) SELECT DISTINCT $1, $2, r.group_key, $4::boolean FROM unnest($3::text[]) AS r (group_key)
       ON CONFLICT (job_id, cycle_id, group_key) DO UPDATE SET whole = excluded.whole`,
      [this.scratch, cycleId, groups.map((group) => objectKeyOf('group', group)), whole],
    );
  }

  /** Of groups whose lists were not read, the groups in them count as seen: whether groups contain each other follows from all of them. */
  async recallNestings(cycleId: string): Promise<void> {
    await this.database.query(
      `INSERT INTO seen_membership (job_id, cycle_id, group_key, member_key)
       SELECT $1, $2, group_key, member_key FROM membership AS m
        WHERE job_id = $3 AND member_key LIKE 'group:%' AND (wanted OR refused IS NOT NULL)
          AND (SELECT r.whole FROM read_group AS r WHERE r.job_id = $1 AND r.cycle_id = $2 AND r.group_key = m.group_key) IS NOT TRUE
       ON CONFLICT DO NOTHING`,
      [this.scratch, cycleId, this.jobId],
    );
  }

  /** Groups that are members of groups. */
  async listNestings(cycleId: string): Promise<Nesting[]> {
    return this.database.query<Nesting[]>(
      `SELECT group_key AS "group", member_key AS member FROM seen_membership
        WHERE job_id = $1 AND cycle_id = $2 AND member_key LIKE 'group:%' ORDER BY group_key, member_key`,
      [this.scratch, cycleId],
    );
  }

  async refuse(cycleId: string, nestings: readonly Nesting[], code: string): Promise<void> {
    if (nestings.length === 0) return;
    await this.database.query(
      `UPDATE seen_membership AS s SET refused = $5 FROM unnest($3::text[], $4::text[]) AS n (group_key, member_key)
        WHERE s.job_id = $1 AND s.cycle_id = $2 AND s.group_key = n.group_key AND s.member_key = n.member_key`,
      [this.scratch, cycleId, nestings.map(({ group }) => group), nestings.map(({ member }) => member), code],
    );
  }

  /** Puts the people of nested groups into the groups around them, in place of the groups. What is refused is not gone into. */
  async flatten(cycleId: string): Promise<void> {
    const nested = `job_id = $1 AND cycle_id = $2 AND refused IS NULL AND member_key LIKE 'group:%'`;
    await this.database.query(
      `WITH RECURSIVE within (group_key, part_key) AS (
         SELECT group_key, member_key FROM seen_membership WHERE ${nested}
         UNION
         SELECT w.group_key, s.member_key FROM within AS w
           JOIN seen_membership AS s ON s.job_id = $1 AND s.cycle_id = $2 AND s.group_key = w.part_key
          WHERE s.refused IS NULL AND s.member_key LIKE 'group:%'
       )
       INSERT INTO seen_membership (job_id, cycle_id, group_key, member_key)
       SELECT DISTINCT $1, $2, w.group_key, s.member_key FROM within AS w
         JOIN seen_membership AS s ON s.job_id = $1 AND s.cycle_id = $2 AND s.group_key = w.part_key
        WHERE NOT s.member_key LIKE 'group:%'
       ON CONFLICT DO NOTHING`,
      [this.scratch, cycleId],
    );
    await this.database.query(`DELETE FROM seen_membership WHERE ${nested}`, [this.scratch, cycleId]);
  }

  /** Finds out what differs from what is known. @param withRemovals whether what did not show has ended, but in groups that could not be read */
  async compare(cycleId: string, withRemovals: boolean): Promise<void> {
    await this.database.query(
      `INSERT INTO membership_change (job_id, cycle_id, group_key, member_key, kind, refused)
       SELECT $1, $2, group_key, member_key,
              CASE WHEN s.job_id IS NULL THEN 'removed' WHEN s.refused IS NULL THEN 'added' ELSE 'refused' END, s.refused
         FROM (SELECT * FROM seen_membership WHERE job_id = $1 AND cycle_id = $2) AS s
         FULL JOIN (SELECT * FROM membership WHERE job_id = $1 AND (wanted OR refused IS NOT NULL)) AS m USING (group_key, member_key)
        WHERE CASE WHEN s.job_id IS NULL
                   THEN $3 AND (SELECT whole FROM read_group AS r WHERE r.job_id = $1 AND r.cycle_id = $2 AND r.group_key = m.group_key) IS NOT FALSE
                   ELSE m.job_id IS NULL OR s.refused IS DISTINCT FROM m.refused END`,
      [this.jobId, cycleId, withRemovals],
    );
  }

  /** The same after a reading of some groups: asked key by key, so that it costs what was read and not what is known. */
  async compareSome(cycleId: string, withRemovals: boolean): Promise<void> {
    await this.database.query(
      `INSERT INTO membership_change (job_id, cycle_id, group_key, member_key, kind, refused)
       SELECT $1, $2, s.group_key, s.member_key, CASE WHEN s.refused IS NULL THEN 'added' ELSE 'refused' END, s.refused
         FROM seen_membership AS s
        WHERE s.job_id = $1 AND s.cycle_id = $2
          AND (SELECT s.refused IS NOT DISTINCT FROM m.refused FROM membership AS m
                WHERE m.job_id = $1 AND m.group_key = s.group_key AND m.member_key = s.member_key AND (m.wanted OR m.refused IS NOT NULL)) IS NOT TRUE`,
      [this.jobId, cycleId],
    );
    if (!withRemovals) return;
    await this.database.query(
      `INSERT INTO membership_change (job_id, cycle_id, group_key, member_key, kind)
       SELECT $1, $2, m.group_key, m.member_key, 'removed'
         FROM read_group AS r JOIN membership AS m ON m.job_id = $1 AND m.group_key = r.group_key
        WHERE r.job_id = $1 AND r.cycle_id = $2 AND r.whole AND (m.wanted OR m.refused IS NOT NULL)
          AND (SELECT s.member_key FROM seen_membership AS s
                WHERE s.job_id = $1 AND s.cycle_id = $2 AND s.group_key = m.group_key AND s.member_key = m.member_key) IS NULL`,
      [this.jobId, cycleId],
    );
  }

  /** In the order of groups and members, behind one of them. */
  async listChanges(cycleId: string, after: Nesting | null, limit: number): Promise<MembershipChange[]> {
    return this.database.query<MembershipChange[]>(
      `SELECT group_key AS "group", member_key AS member, kind, refused FROM membership_change
        WHERE job_id = $1 AND cycle_id = $2 AND (group_key, member_key) > ($3, $4) ORDER BY group_key, member_key LIMIT $5`,
      [this.jobId, cycleId, after?.group ?? '', after?.member ?? '', limit],
    );
  }

  async countSeen(cycleId: string): Promise<number> {
    return this.count('seen_membership WHERE job_id = $1 AND cycle_id = $2', [this.scratch, cycleId]);
  }

  /** Memberships of this read that are left out. */
  async countRefused(cycleId: string): Promise<number> {
    return this.count('seen_membership WHERE job_id = $1 AND cycle_id = $2 AND refused IS NOT NULL', [this.scratch, cycleId]);
  }

  /** Memberships that the source is known to have. */
  async countWanted(): Promise<number> {
    return this.count('membership WHERE job_id = $1 AND wanted', [this.jobId]);
  }

  // ---------------------------------------------------------------- as they were written

  async listMembersOf(group: ObjectKey): Promise<KnownMember[]> {
    return this.database.query<KnownMember[]>(
      `SELECT m.member_key AS key, coalesce(m.target_id, p.target_id) AS id,
              m.wanted AND (m.target_id = p.target_id) IS TRUE AND m.change_id IS NULL AND NOT (m.due OR m.gated OR m.failed) AS settled,
              m.target_id IS NULL OR (m.target_id = p.target_id) IS TRUE AS "isOwn"
         FROM membership AS m LEFT JOIN source_object AS p ON p.job_id = $1 AND p.object_key = m.member_key
        WHERE m.job_id = $1 AND m.group_key = $2`,
      [this.jobId, group],
    );
  }

  /** Of these accounts, those of objects of this job that are not known to belong to a group. */
  async findUnknownMembers(group: ObjectKey, targetIds: readonly string[]): Promise<Member[]> {
    return this.database.query<Member[]>(
      `SELECT o.object_key AS key, o.target_id AS id FROM source_object AS o
        WHERE o.job_id = $1 AND o.target_id = ANY($3)
          AND NOT EXISTS (SELECT FROM membership AS m WHERE m.job_id = $1 AND m.group_key = $2 AND m.member_key = o.object_key)
        ORDER BY o.object_key`,
      [this.jobId, group, targetIds],
    );
  }

  // ---------------------------------------------------------------- as they have to be written

  async hasDue(): Promise<boolean> {
    const rows = await this.database.query<unknown[]>('SELECT 1 FROM membership WHERE job_id = $1 AND due LIMIT 1', [this.jobId]);
    return rows.length > 0;
  }

  /** Groups with memberships that have to be written, in the order of their keys. */
  async listDueGroups(which: Which, after: string, limit: number): Promise<DueGroup[]> {
    return this.database.query<DueGroup[]>(
      `SELECT object_key AS "objectKey", source_id AS "sourceId", display_name AS "displayName", attributes, target_id AS "targetId", deleted
         FROM source_object WHERE job_id = $1 AND object_key IN (
           SELECT DISTINCT group_key FROM membership WHERE job_id = $1 AND ${which} AND group_key > $2 ORDER BY group_key LIMIT $3)
        ORDER BY object_key`,
      [this.jobId, after, limit],
    );
  }

  /** A number of a group's memberships that have to be written because an account came or is not used any more; null when there is none. */
  async findDueMembers(group: DueGroup, after: string, limit: number): Promise<(DueMembers & { readonly last: string }) | null> {
    return this.findMembers(group, 'm.due AND m.member_key > $3 ORDER BY m.member_key LIMIT $4', [after, limit]);
  }

  /** A number of those that the source has ended; null when there is none. */
  async findLeaving(
    group: DueGroup,
    besides: NotLeaving,
    after: string,
    limit: number,
  ): Promise<(DueMembers & { readonly last: string }) | null> {
    return this.findMembers(group, `${leaving} AND m.member_key > $5 ORDER BY m.member_key LIMIT $6`, [...valuesOf(besides), after, limit]);
  }

  /** How many of a group's members the source has ended, and how many are in the target through this job. */
  async countLeaving({ objectKey }: DueGroup, besides: NotLeaving): Promise<{ removed: number; of: number }> {
    const [row] = await this.database.query<[{ removed: string; of: string }]>(
      `SELECT count(*) FILTER (WHERE ${leaving}) AS removed, count(*) FILTER (WHERE m.target_id IS NOT NULL) AS of
         FROM membership AS m LEFT JOIN source_object AS p ON p.job_id = $1 AND p.object_key = m.member_key
        WHERE m.job_id = $1 AND m.group_key = $2`,
      [this.jobId, objectKey, ...valuesOf(besides)],
    );
    return { removed: Number(row.removed), of: Number(row.of) };
  }

  /** Log sequences of the rules under which a person rejected the end of memberships. */
  async listRejectedRules(): Promise<number[]> {
    const rows = await this.database.query<{ rules: string }[]>(
      'SELECT DISTINCT rejected_rules AS rules FROM membership WHERE job_id = $1 AND gated AND rejected_rules IS NOT NULL',
      [this.jobId],
    );
    return rows.map(({ rules }) => Number(rules));
  }

  /** Memberships that are in the target through this job. */
  async countWritten(): Promise<number> {
    return this.count('membership WHERE job_id = $1 AND target_id IS NOT NULL', [this.jobId]);
  }

  private async findMembers(
    group: DueGroup,
    selection: string,
    values: readonly unknown[],
  ): Promise<(DueMembers & { readonly last: string }) | null> {
    const rows = await this.database.query<(Member & { isThere: boolean; cycleId: string })[]>(
      `SELECT m.member_key AS key, coalesce(m.target_id, p.target_id) AS id, ${isThere} AS "isThere", m.cycle_id AS "cycleId"
         FROM membership AS m LEFT JOIN source_object AS p ON p.job_id = $1 AND p.object_key = m.member_key
        WHERE m.job_id = $1 AND m.group_key = $2 AND ${selection}`,
      [this.jobId, group.objectKey, ...values],
    );
    const last = rows.at(-1);
    return last ? { group, changes: changesOf(rows), cycleId: last.cycleId, last: last.key } : null;
  }

  private async count(what: string, values: readonly unknown[]): Promise<number> {
    const [row] = await this.database.query<[{ count: string }]>(`SELECT count(*) FROM ${what}`, [...values]);
    return Number(row.count);
  }
}
