import {
  type DataOf,
  EscrowCleared,
  ExportDeferred,
  ExportFailed,
  JobRestarted,
  type LogEvent,
  MembershipsImported,
  ObjectExported,
  RemovalRejected,
  RemovalWithdrawn,
  TargetObjectImported,
  is,
} from '@provident/contracts';
import { type Member, type ObjectKey, releasedCode } from '@provident/domain';
import type { EntityManager } from 'typeorm';

/** Memberships whose standing has to be looked at again. */
class Touched {
  readonly groups = new Set<ObjectKey>();
  /** As a member or as a group: its account came, went, or is used again. */
  readonly objects = new Set<ObjectKey>();
  readonly pairs = new Map<string, { readonly group: ObjectKey; readonly member: ObjectKey }>();
  /** Newest cycle that any of it belongs to. */
  cycleId = '';

  pair(group: ObjectKey, member: ObjectKey): void {
    this.pairs.set(`${group}\n${member}`, { group, member });
  }
}

/** Puts into the table what the source says of memberships and what was written of them; then finds out which of them have to be written now. */
export async function foldMemberships(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const touched = new Touched();
  const after = await findLinkEpoch(jobId, events, manager);
  for (const event of events) if (!isOfEarlierTarget(event, after)) await note(jobId, event, touched, manager);
  await settle(jobId, touched, manager);
}

/** Log sequence of the restart since which the target is another system; 0 when it never was another, or when nothing here depends on it. */
async function findLinkEpoch(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<number> {
  const tellsOfMembers = (event: LogEvent): boolean => (event.data as { members?: unknown }).members !== undefined;
  if (!events.some(tellsOfMembers)) return 0;
  const [row] = await manager.query<{ after: string }[]>('SELECT after FROM link_epoch WHERE job_id = $1', [jobId]);
  return row ? Number(row.after) : 0;
}

/** Decided under rules from before the target became another system, and written in the old one. */
const isOfEarlierTarget = (event: LogEvent, after: number): boolean =>
  (is(event, TargetObjectImported) || is(event, ObjectExported)) && event.data.rules <= after;

async function note(jobId: string, event: LogEvent, touched: Touched, manager: EntityManager): Promise<void> {
  if (is(event, MembershipsImported)) {
    await noteImported(jobId, event.data, manager);
    const { objectKey, added, removed, refused } = event.data;
    for (const member of [...added, ...removed, ...refused.map(({ key }) => key)]) touched.pair(objectKey, member);
  } else if (is(event, TargetObjectImported)) {
    const { objectKey, members, part, changeId, linkedId, by, matches, already, reactivated } = event.data;
    if (part && members) await noteUnderWay(jobId, objectKey, [...members.add, ...members.remove], changeId, manager);
    if (part) return;
    touched.groups.add(objectKey);
    if (linkedId === null) await freeFailed(jobId, objectKey, manager); // a group whose account is sought anew takes none of them along
    if ((by === 'matching' && matches.length === 1) || already || reactivated) touched.objects.add(objectKey);
    if (already === 'gone') await forgetAccount(jobId, objectKey, manager);
  } else if (is(event, ObjectExported)) {
    await noteExported(jobId, event.data, touched, manager);
  } else if (is(event, ExportFailed) || is(event, ExportDeferred)) {
    // Sent back or failed, the group is taken up again as a whole, and takes them along.
    const { objectKey, changeId, part, guard } = event.data;
    const sql = 'UPDATE membership SET failed = true, released = released OR $4 WHERE job_id = $1 AND group_key = $2 AND change_id = $3';
    if (part) await manager.query(sql, [jobId, objectKey, changeId, guard !== undefined]);
    if (is(event, ExportFailed) && event.data.failure.kind === 'unknown-outcome') await noteUnsure(jobId, event.data, touched, manager);
  } else if (is(event, RemovalWithdrawn)) {
    const { objectKey, changeId, part, reason } = event.data;
    if (!part || reason.code !== releasedCode) return;
    const sql = 'UPDATE membership SET released = true, change_id = NULL WHERE job_id = $1 AND group_key = $2 AND change_id = $3';
    await manager.query(sql, [jobId, objectKey, changeId]);
    touched.groups.add(objectKey);
  } else if (is(event, RemovalRejected)) {
    const { objectKey, changeId, part, rules } = event.data;
    if (!part) return;
    const sql = 'UPDATE membership SET rejected_rules = $4, change_id = NULL WHERE job_id = $1 AND group_key = $2 AND change_id = $3';
    await manager.query(sql, [jobId, objectKey, changeId, rules]);
    touched.groups.add(objectKey);
  } else if (is(event, EscrowCleared)) {
    const { objectKey } = event.data;
    if (!objectKey.startsWith('group:')) return;
    await freeFailed(jobId, objectKey, manager); // nobody tries again what is left of it
    touched.groups.add(objectKey);
  } else {
    if (is(event, JobRestarted) && event.data.scopes.includes('links')) await noteUnlinked(jobId, event.data.otherTarget, manager);
    return;
  }
  touched.cycleId = event.data.cycleId;
}

/** Without links nothing can be written. What was written before is still there, unless the target is another system now. */
async function noteUnlinked(jobId: string, otherTarget: boolean, manager: EntityManager): Promise<void> {
  const sql = otherTarget
    ? 'SET due = false, gated = false, target_id = NULL, change_id = NULL, failed = false, unsure = false'
    : 'SET due = false, gated = false';
  await manager.query(`UPDATE membership ${sql} WHERE job_id = $1`, [jobId]);
}

async function noteImported(
  jobId: string,
  { objectKey, cycleId, added, removed, refused }: DataOf<typeof MembershipsImported>,
  manager: EntityManager,
): Promise<void> {
  const said = [
    ...added.map((key) => ({ key, wanted: true, refused: null })),
    ...removed.map((key) => ({ key, wanted: false, refused: null })),
    ...refused.map(({ key, code }) => ({ key, wanted: false, refused: code })),
  ];
  await manager.query(
    `INSERT INTO membership (job_id, group_key, member_key, wanted, refused, cycle_id)
     SELECT $1, $2, m.member_key, m.wanted, m.refused, $3 FROM unnest($4::text[], $5::boolean[], $6::text[]) AS m (member_key, wanted, refused)
     ON CONFLICT (job_id, group_key, member_key) DO UPDATE SET wanted = excluded.wanted, refused = excluded.refused,
       released = false, rejected_rules = NULL, cycle_id = excluded.cycle_id`,
    [jobId, objectKey, cycleId, said.map(({ key }) => key), said.map(({ wanted }) => wanted), said.map((each) => each.refused)],
  );
}

async function noteUnderWay(
  jobId: string,
  group: ObjectKey,
  members: readonly Member[],
  changeId: string,
  manager: EntityManager,
): Promise<void> {
  await manager.query(
    'UPDATE membership SET change_id = $4, due = false, gated = false, rejected_rules = NULL WHERE job_id = $1 AND group_key = $2 AND member_key = ANY($3) AND NOT failed',
    [jobId, group, members.map(({ key }) => key), changeId],
  );
}

async function noteExported(
  jobId: string,
  { objectKey, action, targetId, members, part, enabled, cycleId }: DataOf<typeof ObjectExported>,
  touched: Touched,
  manager: EntityManager,
): Promise<void> {
  if (action !== 'update' || enabled) touched.objects.add(objectKey);
  if (action === 'delete') await forgetAccount(jobId, objectKey, manager);
  if (!members) return;
  await noteAdded(jobId, { group: objectKey, cycleId, targetId, members: members.add }, manager);
  await noteRemoved(jobId, objectKey, members.remove, touched, manager);
  // What failed before may go through now: the group's retry did.
  if (!part) {
    await freeFailed(jobId, objectKey, manager);
    touched.groups.add(objectKey);
  }
  for (const { key } of [...members.add, ...members.remove]) touched.pair(objectKey, key);
}

/** What failed of a group's members is not left to the group's retry any more. */
async function freeFailed(jobId: string, group: ObjectKey, manager: EntityManager): Promise<void> {
  const sql = 'UPDATE membership SET failed = false, change_id = NULL WHERE job_id = $1 AND group_key = $2 AND failed';
  await manager.query(sql, [jobId, group]);
}

/** With an account its memberships went, and with a group's all that were in it. */
export async function forgetAccount(jobId: string, objectKey: ObjectKey, manager: EntityManager): Promise<void> {
  await manager.query(
    'UPDATE membership SET target_id = NULL, change_id = NULL, failed = false, unsure = false WHERE job_id = $1 AND (group_key = $2 OR member_key = $2)',
    [jobId, objectKey],
  );
}

/**
 * Also whom the source took out while the write was on its way: he is there now, and has to go. Of whom, or into which group, a person chose another account
 * meanwhile, nothing was written that counts.
 */
async function noteAdded(
  jobId: string,
  {
    group,
    cycleId,
    targetId,
    members,
  }: { readonly group: ObjectKey; readonly cycleId: string; readonly targetId: string; readonly members: readonly Member[] },
  manager: EntityManager,
): Promise<void> {
  if (members.length === 0) return;
  const keys = members.map(({ key }) => key);
  await manager.query(
    `INSERT INTO membership (job_id, group_key, member_key, target_id, wanted, cycle_id)
     SELECT $1, $2, w.member_key, w.id, false, $5 FROM unnest($3::text[], $4::text[]) AS w (member_key, id)
     ON CONFLICT (job_id, group_key, member_key) DO UPDATE
       SET target_id = excluded.target_id, change_id = NULL, failed = false, released = false, unsure = false`,
    [jobId, group, keys, members.map(({ id }) => id), cycleId],
  );
  await manager.query(
    `UPDATE membership AS m SET target_id = NULL FROM source_object AS g, source_object AS p
      WHERE m.job_id = $1 AND m.group_key = $2 AND m.member_key = ANY($3) AND g.job_id = $1 AND g.object_key = $2
        AND p.job_id = $1 AND p.object_key = m.member_key AND (p.target_id <> m.target_id OR g.target_id <> $4)`,
    [jobId, group, keys, targetId],
  );
}

async function noteRemoved(
  jobId: string,
  group: ObjectKey,
  members: readonly Member[],
  touched: Touched,
  manager: EntityManager,
): Promise<void> {
  if (members.length === 0) return;
  await manager.query(
    `UPDATE membership SET target_id = NULL, change_id = NULL, failed = false, released = false, unsure = false
      WHERE job_id = $1 AND group_key = $2 AND member_key = ANY($3)`,
    [jobId, group, members.map(({ key }) => key)],
  );
  // The account may have been somebody else's, whose link a person took away: what was written for that one is gone as well.
  const [others] = await manager.query<[{ key: ObjectKey }[], number]>(
    `UPDATE membership AS m SET target_id = NULL FROM source_object AS p
      WHERE p.job_id = $1 AND p.relinked_at IS NOT NULL AND p.former_id = ANY($3)
        AND m.job_id = $1 AND m.group_key = $2 AND m.member_key = p.object_key AND m.target_id = p.former_id
      RETURNING member_key AS key`,
    [jobId, group, members.map(({ id }) => id)],
  );
  for (const { key } of others) touched.pair(group, key);
}

/** Nobody knows whether it was done: it is there, or has to go, until a write of it was answered. */
async function noteUnsure(
  jobId: string,
  { objectKey, members }: DataOf<typeof ExportFailed>,
  touched: Touched,
  manager: EntityManager,
): Promise<void> {
  const all = [...(members?.add ?? []), ...(members?.remove ?? [])];
  if (all.length === 0) return;
  await manager.query(
    `UPDATE membership AS m SET target_id = w.id, unsure = true FROM unnest($3::text[], $4::text[]) AS w (member_key, id)
      WHERE m.job_id = $1 AND m.group_key = $2 AND m.member_key = w.member_key`,
    [jobId, objectKey, all.map(({ key }) => key), all.map(({ id }) => id)],
  );
  for (const { key } of all) touched.pair(objectKey, key);
}

/** Whether a membership ought to be written into the target, and whether it is not; of rows `m` (the membership) and `p` (the member). */
export const belongs = (m: string, p: string): string => `(${m}.wanted AND ${p}.target_id IS NOT NULL AND NOT ${p}.disabled)`;
export const isElsewise = (m: string, p: string): string =>
  `(${m}.unsure OR ${belongs(m, p)} IS DISTINCT FROM (${m}.target_id IS NOT NULL))`;

const selections = {
  pairs: '(e.group_key, e.member_key) IN (SELECT * FROM unnest($2::text[], $3::text[]))',
  members: 'e.member_key = ANY($2::text[])',
  groups: 'e.group_key = ANY($2::text[])',
};

/** Finds out anew which memberships of an object, as a group and as a member, have to be written. */
export async function settleMemberships(jobId: string, objectKey: ObjectKey, cycleId: string, manager: EntityManager): Promise<void> {
  const touched = new Touched();
  touched.objects.add(objectKey);
  touched.cycleId = cycleId;
  await settle(jobId, touched, manager);
}

async function settle(jobId: string, { groups, objects, pairs, cycleId }: Touched, manager: EntityManager): Promise<void> {
  const both = [...pairs.values()];
  if (both.length > 0) {
    const keys = [both.map(({ group }) => group), both.map(({ member }) => member)];
    await dropEnded(jobId, selections.pairs, keys, manager);
    await findDue(jobId, cycleId, selections.pairs, keys, manager);
  }
  if (objects.size > 0) await findDue(jobId, cycleId, selections.members, [[...objects]], manager);
  const whole = [...groups, ...objects].filter((key) => key.startsWith('group:'));
  if (whole.length > 0) {
    await dropEnded(jobId, selections.groups, [whole], manager);
    await findDue(jobId, cycleId, selections.groups, [whole], manager);
  }
}

/** A membership that the source does not have, and that was not written or was taken back. */
async function dropEnded(jobId: string, selection: string, keys: readonly unknown[], manager: EntityManager): Promise<void> {
  await manager.query(
    `DELETE FROM membership AS e WHERE e.job_id = $1 AND NOT e.wanted AND e.refused IS NULL AND e.target_id IS NULL AND e.change_id IS NULL
       AND ${selection}`,
    [jobId, ...keys],
  );
}

/**
 * Due is what differs between source and target, can be written because both have accounts, and is not on its way or waiting for a retry. Who has an
 * account that is disabled belongs to nothing. Of somebody whose link was taken away nothing is due until it is known which account is his. Gated is what ends because the source says so: it is proposed by a cycle, and weighed.
 */
async function findDue(jobId: string, cycleId: string, selection: string, keys: readonly unknown[], manager: EntityManager): Promise<void> {
  const cycle = `$${keys.length + 2}`;
  await manager.query(
    `UPDATE membership AS m SET due = d.differs AND NOT d.ends AND m.change_id IS NULL, gated = d.differs AND d.ends AND m.change_id IS NULL,
            failed = m.failed AND d.differs,
            change_id = CASE WHEN m.failed AND NOT d.differs THEN NULL ELSE m.change_id END,
            cycle_id = CASE WHEN d.differs AND m.change_id IS NULL AND NOT (m.due OR m.gated) THEN ${cycle} ELSE m.cycle_id END
       FROM (
         SELECT e.group_key, e.member_key, NOT e.wanted AND NOT e.released AND p.disabled IS NOT TRUE AS ends,
                g.target_id IS NOT NULL AND p.former_id IS NULL AND ${isElsewise('e', 'p')} AS differs
           FROM membership AS e
           LEFT JOIN source_object AS g ON g.job_id = $1 AND g.object_key = e.group_key
           LEFT JOIN source_object AS p ON p.job_id = $1 AND p.object_key = e.member_key
          WHERE e.job_id = $1 AND ${selection}
       ) AS d
      WHERE m.job_id = $1 AND m.group_key = d.group_key AND m.member_key = d.member_key
        AND (m.due <> (d.differs AND NOT d.ends AND m.change_id IS NULL) OR m.gated <> (d.differs AND d.ends AND m.change_id IS NULL)
          OR (m.failed AND NOT d.differs))`,
    [jobId, ...keys, cycleId],
  );
}
