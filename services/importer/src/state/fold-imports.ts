import {
  CycleOpened,
  type DataOf,
  type Demand,
  ExportDeferred,
  ExportFailed,
  ImportCompleted,
  ImportFailed,
  JobRestarted,
  type LogEvent,
  ObjectExported,
  type ObjectFacts,
  ObjectImportFailed,
  PageImported,
  PersonErased,
  RemovalHeld,
  RemovalRejected,
  RetryDue,
  SourceObjectImported,
  TargetObjectImported,
  is,
  jobLane,
  privacyLane,
  stageSubjects,
  subjectOf,
} from '@provident/contracts';
import { type JobId, type MatchKey, type ObjectKey, type RejectedRemoval, partsOf } from '@provident/domain';
import type { EntityManager } from 'typeorm';

import { contentHash } from './content-hash.js';
import { foldMemberships, forgetAccount } from './fold-memberships.js';
import { foldReferences } from './fold-references.js';
import { foldLink, isLinkEvent } from './fold-links.js';
import { soughtText } from './sought-keys.js';

interface SourceRow {
  readonly objectKey: string;
  readonly sourceId: string;
  readonly displayName: string | null;
  readonly hash: string | null;
  readonly attributes: string;
  readonly deleted: boolean;
  readonly cycleId: string;
  /** The cycle that took it up; null when a retry did or somebody's request, which says nothing of what a cycle has imported. */
  readonly takenUpBy: string | null;
  readonly takenForUnlinked: boolean;
  readonly rules: number;
  /** null: the record was not read for this. */
  readonly readRules: number | null;
  /** By what its account was looked for in vain. */
  readonly sought: string | null;
}

interface Link {
  readonly targetId: string | null;
  /** Log sequence of the rules under which it was made. */
  readonly rules: number;
  /** Log sequence up to which it was known who is linked to what. */
  readonly basis: number;
}

/** A removal that a person rejected, and under which rules it was proposed. */
export interface RejectedRow extends RejectedRemoval {
  readonly rules: number;
}

/** What one batch changes, gathered so that each table is written once. */
class Changes {
  readonly objects = new Map<ObjectKey, SourceRow>();
  /** Account that the object is linked to from now on; null unlinks it. */
  readonly links = new Map<ObjectKey, Link>();
  /** By what an object was looked for in vain whose own half is not in this batch. */
  readonly sought = new Map<ObjectKey, string>();
  /** What was known when the account was looked for: a person may have chosen another one since. */
  readonly lookedFor = new Map<ObjectKey, number>();
  /** Whether the account is disabled from now on. */
  readonly disabled = new Map<ObjectKey, { readonly isDisabled: boolean; readonly rules: number }>();
  readonly unusable = new Set<ObjectKey>();
  readonly late = new Set<ObjectKey>();
  /** Nothing is kept of their values. */
  readonly erased = new Set<ObjectKey>();
  /** A person does not want the account removed. */
  readonly rejected = new Map<ObjectKey, RejectedRow>();
  /** Could not be looked up or written in the target. */
  readonly failed = new Set<ObjectKey>();
  readonly asked: { sequence: number; request: AgainRequest }[] = [];
  readonly answered = new Set<number>();
}

/** What is folded of one job. */
export const foldedSubjects = (jobId: JobId): string[] => [
  subjectOf(jobId, jobLane, 'job-scheduler'),
  stageSubjects(jobId, 'importer'),
  stageSubjects(jobId, 'exporter'),
  stageSubjects(jobId, 'escrow-retrier'),
  subjectOf(jobId, privacyLane, 'report-api'),
];

/** Puts into the tables what this service and the exporter said of one job's objects, and what is asked of this service. */
export async function foldImports(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  let from = 0;
  for (const [at, event] of events.entries()) {
    if (!isLinkEvent(event)) continue;
    // What a person says of a link counts between what came before it and what comes after.
    if (at > from) await foldStretch(jobId, events.slice(from, at), manager);
    await foldLink(jobId, event, manager);
    from = at + 1;
  }
  if (from < events.length) await foldStretch(jobId, events.slice(from), manager);
}

async function foldStretch(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const changes = new Changes();
  for (const event of events) {
    note(event, changes);
    await noteCycle(jobId, event, manager);
    if (is(event, JobRestarted)) await restart(jobId, event, changes, manager);
  }
  await writeObjects(jobId, [...changes.objects.values()], manager);
  await writeSought(jobId, changes.sought, manager);
  await writeLinks(jobId, changes, manager);
  await writeDisabled(jobId, changes.disabled, manager);
  await foldReferences(jobId, events, manager);
  await foldMemberships(jobId, events, manager);
  await writeAgain(jobId, changes, manager);
  if (changes.unusable.size > 0) {
    await manager.query('UPDATE source_object SET hash = NULL WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...changes.unusable]]);
  }
  if (changes.failed.size > 0) {
    await manager.query('UPDATE source_object SET failed = true WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...changes.failed]]);
  }
  if (changes.erased.size > 0) await erase(jobId, [...changes.erased], manager);
  for (const [objectKey, rejected] of changes.rejected) {
    const sql = 'UPDATE source_object SET rejected = $3 WHERE job_id = $1 AND object_key = $2';
    await manager.query(sql, [jobId, objectKey, JSON.stringify(rejected)]);
  }
  if (changes.late.size > 0) {
    await manager.query('UPDATE source_object SET late = true WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...changes.late]]);
  }
}

function note(event: LogEvent, changes: Changes): void {
  if (event.stage === 'importer' && event.cause > 0) changes.answered.add(event.cause);
  if (is(event, SourceObjectImported)) {
    if (event.data.part) return; // of a group's members only: nothing new of the group
    const { objectKey } = event.data;
    changes.objects.set(objectKey, withoutErased(sourceRow(event.data, changes.objects.get(objectKey)), event.isErased === true));
    changes.erased.delete(objectKey);
    for (const marked of [changes.unusable, changes.late, changes.failed, changes.rejected]) marked.delete(objectKey);
  } else if (is(event, PersonErased)) {
    const { objectKey } = event.data;
    const known = changes.objects.get(objectKey);
    if (known) changes.objects.set(objectKey, withoutErased(known, true));
    changes.erased.add(objectKey);
  } else if (is(event, RemovalRejected)) {
    const { objectKey, action, by, rules, part } = event.data;
    if (!part && (action === 'disable' || action === 'delete'))
      changes.rejected.set(objectKey, { action, by: by.name, at: event.at, rules });
  } else if (is(event, RemovalHeld)) {
    // No cycle weighed what a retry decided, somebody asked for, or an object that was sent back has come to: the next one does, if it is not done by then.
    const { attempt, round, demand, part } = event.data;
    if (attempt > 0 || demand || (round > 0 && !part)) changes.late.add(event.data.objectKey);
  } else if (is(event, TargetObjectImported)) {
    const { by, matches, already, reactivated, objectKey, rules, basis, part } = event.data;
    if (!part) changes.lookedFor.set(objectKey, basis);
    if (!part && by === 'none' && !event.isErased) noteSought(event.data, changes);
    if (by === 'matching' && matches.length === 1) setLink(matches[0]!.id, event.data, basis, changes);
    if (already === 'gone') setLink(null, event.data, basis, changes);
    if (already || reactivated) changes.disabled.set(objectKey, { isDisabled: already === 'disabled', rules });
  } else if (is(event, ObjectImportFailed)) {
    (event.data.side === 'source' ? changes.unusable : changes.failed).add(event.data.objectKey);
  } else if (is(event, ExportFailed)) {
    changes.failed.add(event.data.objectKey);
  } else if (is(event, ObjectExported)) {
    if (event.data.action === 'create') setLink(event.data.targetId, event.data, event.cause, changes);
    if (event.data.action === 'delete') setLink(null, event.data, event.cause, changes);
    const { objectKey, action, enabled, rules } = event.data;
    if (action === 'disable' || action === 'delete') changes.late.delete(objectKey);
    if (action !== 'update' || enabled) changes.disabled.set(objectKey, { isDisabled: action === 'disable', rules });
  } else if (is(event, RetryDue) || is(event, ExportDeferred)) {
    changes.asked.push({ sequence: event.sequence, request: again(event) });
  }
}

function noteSought({ objectKey, tried }: DataOf<typeof TargetObjectImported>, { objects, sought }: Changes): void {
  const lines = tried.map((key) => soughtText([key as MatchKey]));
  const row = objects.get(objectKey);
  const before = (row ? row.sought : sought.get(objectKey)) ?? '';
  const all = before + lines.filter((line) => !before.includes(line)).join('');
  if (all === '') return;
  if (row) objects.set(objectKey, { ...row, sought: all });
  else sought.set(objectKey, all);
}

function setLink(targetId: string | null, { objectKey, rules }: ObjectFacts, basis: number, { links }: Changes): void {
  links.delete(objectKey); // in the order of the log
  links.set(objectKey, { targetId, rules, basis });
}

/** Lets go of what the restart names: of what the tables hold, and of what this batch has brought so far. */
async function restart(
  jobId: string,
  { sequence, data: { scopes, otherTarget } }: LogEvent<DataOf<typeof JobRestarted>>,
  changes: Changes,
  manager: EntityManager,
): Promise<void> {
  if (scopes.includes('watermark')) await manager.query('UPDATE open_cycle SET restarted = true WHERE job_id = $1', [jobId]);
  if (scopes.includes('escrows')) {
    const isRetry = ({ request }: (typeof changes.asked)[number]): boolean => request.round === 0;
    for (const each of changes.asked.filter(isRetry)) changes.answered.add(each.sequence);
    await manager.query(`DELETE FROM again WHERE job_id = $1 AND (request->>'round')::int = 0`, [jobId]);
  }
  if (!scopes.includes('links')) return;
  changes.links.clear();
  changes.sought.clear();
  await manager.query(
    'UPDATE source_object SET target_id = NULL, former_id = NULL, sought = NULL WHERE job_id = $1 AND (target_id IS NOT NULL OR former_id IS NOT NULL OR sought IS NOT NULL)',
    [jobId],
  );
  if (!otherTarget) return;
  changes.disabled.clear();
  await manager.query('UPDATE source_object SET disabled = false, unlinked = false WHERE job_id = $1', [jobId]);
  const upsert = 'INSERT INTO link_epoch (job_id, after) VALUES ($1, $2) ON CONFLICT (job_id) DO UPDATE SET after = excluded.after';
  await manager.query(upsert, [jobId, sequence]);
}

export interface AgainRequest {
  readonly cycleId: string;
  readonly changeId: string;
  readonly objectKey: ObjectKey;
  readonly attempt: number;
  readonly round: number;
  readonly sourceId: string | null;
  /** Of work on demand that was sent back. */
  readonly demand?: Demand;
}

function again({ type, data }: LogEvent<DataOf<typeof RetryDue> | DataOf<typeof ExportDeferred>>): AgainRequest {
  const { cycleId, changeId, objectKey, attempt, round, sourceId, demand } = data;
  const isSentBack = type === ExportDeferred.type;
  return { cycleId, changeId, objectKey, attempt, round: isSentBack ? round + 1 : 0, sourceId, ...(isSentBack && demand && { demand }) };
}

/** @param before what an earlier event of the same batch says of the object */
function sourceRow(data: DataOf<typeof SourceObjectImported>, before: SourceRow | undefined): SourceRow {
  const { objectKey, sourceId, displayName, attributes, change, cycleId, targetFollows, attempt, rules, demand } = data;
  const isRead = change === 'added' || change === 'updated';
  return {
    objectKey,
    sourceId,
    displayName: displayName ?? null,
    hash: contentHash(attributes),
    attributes: JSON.stringify(attributes),
    deleted: change === 'deleted',
    cycleId,
    takenUpBy: attempt === 0 && !demand ? cycleId : (before?.takenUpBy ?? null),
    takenForUnlinked: !targetFollows,
    rules,
    readRules: isRead ? rules : (before?.readRules ?? null),
    sought: before?.sought ?? null,
  };
}

/** The row of somebody whose values are gone: it counts as changed whatever the source shows. */
const withoutErased = (row: SourceRow, isErased: boolean): SourceRow =>
  isErased ? { ...row, displayName: null, hash: null, attributes: '{}', sought: null } : row;

/** Blanks what is kept of their values: of the last import, and of what a running cycle has read of the target. */
async function erase(jobId: string, objectKeys: readonly string[], manager: EntityManager): Promise<void> {
  await manager.query(
    `UPDATE source_object SET display_name = NULL, hash = NULL, attributes = '{}', sought = NULL WHERE job_id = $1 AND object_key = ANY($2)`,
    [jobId, objectKeys],
  );
  const accounts = 'SELECT target_id FROM source_object WHERE job_id = $1 AND object_key = ANY($2) AND target_id IS NOT NULL';
  await manager.query(`DELETE FROM listed_value WHERE job_id = $1 AND target_id IN (${accounts})`, [jobId, objectKeys]);
  await manager.query(`UPDATE listed_account SET attributes = '{}' WHERE job_id = $1 AND target_id IN (${accounts})`, [jobId, objectKeys]);
}

async function noteCycle(jobId: string, event: LogEvent, manager: EntityManager): Promise<void> {
  if (is(event, CycleOpened)) {
    await manager.query(
      'INSERT INTO open_cycle (job_id, opened, sequence) VALUES ($1, $2, $3) ON CONFLICT (job_id) DO UPDATE SET opened = excluded.opened, sequence = excluded.sequence, progress = NULL, restarted = false',
      [jobId, JSON.stringify(event.data), event.sequence],
    );
  } else if (is(event, PageImported)) {
    await manager.query('UPDATE open_cycle SET progress = $2 WHERE job_id = $1', [jobId, JSON.stringify(event.data)]);
  } else if (is(event, ImportCompleted) || is(event, ImportFailed)) {
    if (is(event, ImportCompleted)) await noteJudged(jobId, manager);
    await manager.query('DELETE FROM open_cycle WHERE job_id = $1', [jobId]);
  }
}

/** From now on it is known what the rules of the open cycle made of everybody. */
async function noteJudged(jobId: string, manager: EntityManager): Promise<void> {
  await manager.query(
    `INSERT INTO judged_rules (job_id, rules) SELECT job_id, (opened->>'rules')::bigint FROM open_cycle WHERE job_id = $1
     ON CONFLICT (job_id) DO UPDATE SET rules = excluded.rules`,
    [jobId],
  );
}

async function writeObjects(jobId: string, rows: readonly SourceRow[], manager: EntityManager): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `INSERT INTO source_object (job_id, object_key, source_id, display_name, hash, attributes, deleted, cycle_id, taken_for_unlinked, rules, read_rules, failed, sought)
     SELECT $1, n.object_key, n.source_id, n.display_name, n.hash, n.attributes, n.deleted, coalesce(n.taken_up_by, o.cycle_id, n.cycle_id),
         n.taken_for_unlinked, n.rules, n.read_rules, false,
         ${soughtWith('o.sought', 'n.sought')}
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::boolean[], $8::text[], $9::text[], $10::boolean[], $11::bigint[],
           $12::bigint[], $13::text[])
         AS n (object_key, source_id, display_name, hash, attributes, deleted, cycle_id, taken_up_by, taken_for_unlinked, rules, read_rules, sought)
       LEFT JOIN source_object AS o ON o.job_id = $1 AND o.object_key = n.object_key
     ON CONFLICT (job_id, object_key) DO UPDATE SET source_id = excluded.source_id, display_name = excluded.display_name, hash = excluded.hash,
       rejected = CASE WHEN source_object.hash IS NOT DISTINCT FROM excluded.hash AND source_object.deleted = excluded.deleted THEN source_object.rejected END,
       attributes = excluded.attributes, deleted = excluded.deleted, cycle_id = excluded.cycle_id, late = false,
       taken_for_unlinked = excluded.taken_for_unlinked, rules = excluded.rules,
       read_rules = coalesce(excluded.read_rules, source_object.read_rules), failed = false, sought = excluded.sought`,
    [
      jobId,
      rows.map(({ objectKey }) => objectKey),
      rows.map(({ sourceId }) => sourceId),
      rows.map(({ displayName }) => displayName),
      rows.map(({ hash }) => hash),
      rows.map(({ attributes }) => attributes),
      rows.map(({ deleted }) => deleted),
      rows.map(({ cycleId }) => cycleId),
      rows.map(({ takenUpBy }) => takenUpBy),
      rows.map(({ takenForUnlinked }) => takenForUnlinked),
      rows.map(({ rules }) => rules),
      rows.map(({ readRules }) => readRules),
      rows.map(({ sought }) => sought),
    ],
  );
}

/** What was known with what is new, once. */
const soughtWith = (known: string, added: string): string =>
  `CASE WHEN ${added} IS NULL THEN ${known} WHEN ${known} IS NULL OR replace(${known}, ${added}, '') = ${known}
        THEN coalesce(${known}, '') || ${added} ELSE ${known} END`;

async function writeSought(jobId: string, sought: Changes['sought'], manager: EntityManager): Promise<void> {
  if (sought.size === 0) return;
  await manager.query(
    `UPDATE source_object AS o SET sought = ${soughtWith('o.sought', 's.sought')} FROM unnest($2::text[], $3::text[]) AS s (object_key, sought)
      WHERE o.job_id = $1 AND o.object_key = s.object_key`,
    [jobId, [...sought.keys()], [...sought.values()]],
  );
}

async function writeLinks(jobId: string, changes: Changes, manager: EntityManager): Promise<void> {
  const { links, lookedFor } = changes;
  if (links.size === 0 && lookedFor.size === 0) return;
  await refuseTaken(jobId, changes, manager);
  const byHand = await manager.query<unknown[]>('SELECT FROM source_object WHERE job_id = $1 AND relinked_at IS NOT NULL LIMIT 1', [jobId]);
  if (links.size > 0) await (byHand.length > 0 ? linkUnlessChosen : link)(jobId, links, manager);
  // Looked at with another link than it has now: the next cycle does so again.
  if (byHand.length > 0 && lookedFor.size > 0)
    await manager.query(
      `UPDATE source_object AS o SET late = true FROM unnest($2::text[], $3::bigint[]) AS l (object_key, basis)
        WHERE o.job_id = $1 AND o.object_key = l.object_key AND o.relinked_at > l.basis`,
      [jobId, [...lookedFor.keys()], [...lookedFor.values()]],
    );
}

/**
 * Two objects never share an account: whoever stands in the log first keeps it. One may have been matched with what was made for another a moment ago,
 * while the word of that was still on its way. The next cycle takes both up: it refuses the one by name, and sets right what was written for it to the other's account.
 */
async function refuseTaken(jobId: string, { links, late }: Changes, manager: EntityManager): Promise<void> {
  const made = [...links].flatMap(([objectKey, { targetId }]) => (targetId === null ? [] : [{ objectKey, targetId }]));
  if (made.length === 0) return;
  const rows = await manager.query<{ objectKey: ObjectKey; targetId: string }[]>(
    'SELECT object_key AS "objectKey", target_id AS "targetId" FROM source_object WHERE job_id = $1 AND target_id = ANY($2)',
    [jobId, made.map(({ targetId }) => targetId)],
  );
  const accountOf = (objectKey: ObjectKey, targetId: string): string => `${partsOf(objectKey).objectType} ${targetId}`;
  const owners = new Map<string, ObjectKey>();
  for (const { objectKey, targetId } of rows) {
    const next = links.get(objectKey);
    if (!next || next.targetId === targetId) owners.set(accountOf(objectKey, targetId), objectKey);
  }
  for (const { objectKey, targetId } of made) {
    const account = accountOf(objectKey, targetId);
    const owner = owners.get(account) ?? objectKey;
    owners.set(account, owner);
    if (owner === objectKey) continue;
    links.delete(objectKey);
    late.add(objectKey).add(owner);
  }
}

const isOfThisTarget = 'l.rules > coalesce((SELECT after FROM link_epoch WHERE job_id = $1), 0)';

async function link(jobId: string, links: Changes['links'], manager: EntityManager): Promise<void> {
  const made = [...links.values()];
  await manager.query(
    `UPDATE source_object AS o SET target_id = l.target_id, unlinked = l.target_id IS NULL, sought = NULL
       FROM unnest($2::text[], $3::text[], $4::bigint[]) AS l (object_key, target_id, rules)
      WHERE o.job_id = $1 AND o.object_key = l.object_key AND ${isOfThisTarget}`,
    [jobId, [...links.keys()], made.map(({ targetId }) => targetId), made.map(({ rules }) => rules)],
  );
}

/** The same in a job some of whose links a person has chosen: what was decided without knowing of that changes no such link, and takes no such account. */
async function linkUnlessChosen(jobId: string, links: Changes['links'], manager: EntityManager): Promise<void> {
  const made = [...links.values()];
  const letGo = await manager.query<{ objectKey: ObjectKey; formerId: string }[]>(
    `SELECT object_key AS "objectKey", former_id AS "formerId" FROM source_object WHERE job_id = $1 AND object_key = ANY($2) AND former_id IS NOT NULL`,
    [jobId, [...links.keys()]],
  );
  const [written] = await manager.query<[{ objectKey: ObjectKey }[], number]>(
    `UPDATE source_object SET target_id = l.target_id, unlinked = l.target_id IS NULL, former_id = NULL, sought = NULL
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS l (object_key, target_id, rules, basis)
      WHERE source_object.job_id = $1 AND source_object.object_key = l.object_key AND ${isOfThisTarget}
        AND (source_object.relinked_at IS NULL OR source_object.relinked_at <= l.basis)
        AND NOT EXISTS (SELECT FROM source_object AS other WHERE other.job_id = $1 AND other.target_id = l.target_id AND other.relinked_at > l.basis
          AND split_part(other.object_key, ':', 1) = split_part(l.object_key, ':', 1))
      RETURNING source_object.object_key AS "objectKey"`,
    [jobId, [...links.keys()], made.map(({ targetId }) => targetId), made.map(({ rules }) => rules), made.map(({ basis }) => basis)],
  );
  const isWritten = new Set(written.map(({ objectKey }) => objectKey));
  for (const { objectKey, formerId } of letGo) {
    const now = isWritten.has(objectKey) ? (links.get(objectKey)?.targetId ?? null) : null;
    // Another account than the one whose link was taken away: what was written for that one is not written for this.
    if (now !== null && now !== formerId) await forgetAccount(jobId, objectKey, manager);
  }
}

async function writeDisabled(jobId: string, disabled: Changes['disabled'], manager: EntityManager): Promise<void> {
  if (disabled.size === 0) return;
  const said = [...disabled.values()];
  await manager.query(
    `UPDATE source_object AS o SET disabled = d.disabled FROM unnest($2::text[], $3::boolean[], $4::bigint[]) AS d (object_key, disabled, rules)
     WHERE o.job_id = $1 AND o.object_key = d.object_key AND o.disabled <> d.disabled
       AND d.rules > coalesce((SELECT after FROM link_epoch WHERE job_id = $1), 0)`,
    [jobId, [...disabled.keys()], said.map(({ isDisabled }) => isDisabled), said.map(({ rules }) => rules)],
  );
}

async function writeAgain(jobId: string, { asked, answered }: Changes, manager: EntityManager): Promise<void> {
  for (const { sequence, request } of asked) {
    await manager.query('INSERT INTO again (sequence, job_id, request) VALUES ($1, $2, $3)', [sequence, jobId, JSON.stringify(request)]);
  }
  if (answered.size > 0) await manager.query('DELETE FROM again WHERE sequence = ANY($1)', [[...answered]]);
}
