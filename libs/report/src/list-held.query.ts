import type { HeldPageView, HeldRemovalView, HoldView, RemovalGuard } from '@provident/contracts';
import { RemovalHeld } from '@provident/contracts';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { query, type ReadModels } from './database.js';
import { findObjects } from './find-objects.js';
import type { EntryRecord } from './log/entry-record.js';
import { eventsOf } from './log/steps-of.js';

interface HoldRecord {
  readonly cycle_id: string;
  readonly proposed: number;
  readonly linked: number;
  readonly threshold: string;
  readonly held_at: string;
  readonly guards: RemovalGuard[] | null;
}

const holds = `
  select cycle_id, proposed, linked, threshold, held_at, guards from held_removal
  where job_id = $1 and released_at is null and until = 'person' and ($2::text is null or cycle_id = $2) order by held_at desc, cycle_id`;

/** An entry that waits is a warning, and nothing else is: an index is for these. */
const page = `
  select * from provisioning_entry
  where job_id = $1 and status = 'warning' and action = 'staged-delete' and troubled_at is not null and ($2::text is null or cycle_id = $2)
    and (troubled_at, last_sequence) < ($3::timestamptz, $4::bigint)
  order by troubled_at desc, last_sequence desc limit $5`;

const Key = z.tuple([z.iso.datetime(), z.int()]);
const newest: z.infer<typeof Key> = ['9999-12-31T00:00:00Z', Number.MAX_SAFE_INTEGER];

export interface HeldAsked {
  readonly jobId: string;
  readonly cycle?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Removals of a job that wait, newest first, and the cycles that hold them. @throws BadCursor */
export async function listHeld(models: ReadModels, { jobId, cycle, limit, cursor }: HeldAsked): Promise<HeldPageView> {
  const [at, sequence] = cursor === undefined ? newest : parseCursor(Key, cursor);
  const [held, rows] = await Promise.all([
    query<HoldRecord>(models, holds, [jobId, cycle ?? null]),
    query<EntryRecord & { troubled_at: string }>(models, page, [jobId, cycle ?? null, at, sequence, limit + 1]),
  ]);
  const shown = rows.slice(0, limit);
  const waitsForPerson = new Set(held.map(({ cycle_id }) => cycle_id));
  const [events, names] = await Promise.all([eventsOf(models, shown), namesOf(models, jobId, shown.flatMap(membersOf))]);
  const last = shown.at(-1);
  return {
    holds: held.map(holdView),
    removals: shown.map((row) => {
      const heldBy = events.get(row.change_id)?.findLast(({ type }) => type === RemovalHeld.type);
      const { action } = (heldBy?.data ?? {}) as { action?: string };
      const kind = action === 'disable' || action === 'delete' ? action : 'membership';
      return removalView(row, kind, waitsForPerson.has(row.cycle_id) ? 'person' : 'cycle', names);
    }),
    next: rows.length > limit && last ? printCursor([last.troubled_at, last.last_sequence]) : null,
  };
}

/** Those among them that the given ids stand for: which objects, and how many removals of theirs wait. */
export async function findHeld(
  models: ReadModels,
  jobId: string,
  cycleId: string,
  { type, id }: { readonly type: 'user' | 'group'; readonly id: string },
): Promise<{ readonly objectKeys: string[]; readonly count: number }> {
  const objects = (await findObjects(models, id, jobId)).map(({ object_key }) => object_key).filter((key) => key.startsWith(`${type}:`));
  const rows = await query<{ object_key: string; count: number }>(
    models,
    `select object_key, count(*)::integer as count from provisioning_entry
     where job_id = $1 and cycle_id = $2 and object_key = any ($3) and status = 'warning' and action = 'staged-delete' group by object_key`,
    [jobId, cycleId, objects],
  );
  return { objectKeys: rows.map(({ object_key }) => object_key), count: rows.reduce((sum, { count }) => sum + count, 0) };
}

const holdView = ({ cycle_id, proposed, linked, threshold, held_at, guards }: HoldRecord): HoldView => ({
  cycleId: cycle_id,
  heldAt: held_at,
  proposed,
  linked,
  threshold,
  guards: guards ?? [],
});

/** Keys of those who are to leave a group. */
const membersOf = ({ modified }: EntryRecord): string[] =>
  modified.flatMap(({ attribute, old }) => (attribute === 'members' && Array.isArray(old) ? (old as string[]) : []));

async function namesOf(models: ReadModels, jobId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  if (keys.length === 0) return new Map();
  const rows = await query<{ object_key: string; display_name: string | null }>(
    models,
    `select wanted.object_key, entry.display_name from unnest($2::text[]) wanted (object_key)
     cross join lateral (
       select display_name from provisioning_entry
       where job_id = $1 and object_key = wanted.object_key order by at desc, last_sequence desc limit 1
     ) entry`,
    [jobId, [...new Set(keys)]],
  );
  return new Map(rows.map(({ object_key, display_name }) => [object_key, display_name]));
}

const removalView = (
  row: EntryRecord,
  kind: HeldRemovalView['kind'],
  waitsFor: HeldRemovalView['waitsFor'],
  names: ReadonlyMap<string, string | null>,
): HeldRemovalView => ({
  changeId: row.change_id,
  cycleId: row.cycle_id,
  objectKey: row.object_key,
  objectType: row.object_type,
  sourceId: row.source_id,
  targetId: row.target_id,
  displayName: row.display_name,
  kind,
  reason: row.reason,
  text: row.text,
  heldAt: row.at,
  waitsFor,
  members: membersOf(row).map((objectKey) => ({ objectKey, displayName: names.get(objectKey) ?? null })),
});
