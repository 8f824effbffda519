import {
  type DataOf,
  type LogEvent,
  type ObjectFacts,
  ExportDeferred,
  ExportFailed,
  ObjectExported,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  is,
  objectLaneOf,
} from '@provident/contracts';
import { removalKindOf } from '@provident/domain';
import type { EntityManager } from 'typeorm';

import { tellsOfWhole } from '../tells-of-whole.js';

/** Puts what this service said in one lane into its tables. */
export async function foldExports(all: readonly LogEvent[], manager: EntityManager): Promise<void> {
  await rememberHeldMembers(all, manager);
  const events = all.filter(tellsOfWhole);
  if (events.length === 0) return;
  const written = events.filter(tellsOfWrite);
  await rememberExports(
    written.map(({ data, sequence }) => ({ jobId: data.jobId, objectKey: data.objectKey, sequence })),
    manager,
  );
  await rememberHeld(events, manager);
}

/** Why a creation is sent back that found an account. */
const foundCodes: ReadonlySet<string> = new Set(['found-before-create', 'conflict']);

type Written = LogEvent<DataOf<typeof ObjectExported> | DataOf<typeof ExportFailed> | DataOf<typeof ExportDeferred>>;

/**
 * Whether something was written, or may have been: behind a creation that failed, or was sent back because somebody is there, there may be an account.
 * What was decided without knowing of it has to look again.
 */
export const tellsOfWrite = (event: LogEvent): event is Written =>
  is(event, ObjectExported) ||
  (is(event, ExportFailed) && event.data.action === 'create') ||
  (is(event, ExportDeferred) && event.data.action === 'create' && foundCodes.has(event.data.reason.code));

async function rememberExports(
  exports: readonly { jobId: string; objectKey: string; sequence: number }[],
  manager: EntityManager,
): Promise<void> {
  if (exports.length === 0) return;
  const newest = new Map(exports.map((each) => [each.objectKey, each]));
  await manager.query(
    `INSERT INTO last_export (job_id, object_key, sequence) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
     ON CONFLICT (job_id, object_key) DO UPDATE SET sequence = excluded.sequence`,
    [exports[0]!.jobId, [...newest.keys()], [...newest.values()].map(({ sequence }) => sequence)],
  );
}

/** Whether a cycle counts the removal; those of retries and of work on demand are counted by none. */
export const isCounted = ({ attempt, demand }: Pick<ObjectFacts, 'attempt' | 'demand'>): boolean => attempt === 0 && demand === undefined;

/** The last word on each object counts. A removal that no cycle counts never takes the place of one that is counted. */
async function rememberHeld(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const held = new Map<string, LogEvent<DataOf<typeof RemovalHeld>>>();
  const sentBack = new Map<string, string>();
  const settled = new Set<string>();
  const overtaken = new Set<string>();
  for (const event of events) {
    if (is(event, RemovalHeld)) {
      if (isCounted(event.data) || !held.has(event.data.objectKey)) held.set(event.data.objectKey, event);
      sentBack.delete(event.data.objectKey);
    } else if (is(event, ExportDeferred)) {
      sentBack.set(event.data.objectKey, event.data.changeId);
    } else if ((is(event, ObjectExported) || is(event, ExportFailed)) && event.data.demand && !sentBack.has(event.data.objectKey)) {
      overtaken.add(event.data.objectKey);
    } else if (is(event, ObjectExported) || is(event, ExportFailed) || is(event, RemovalWithdrawn) || is(event, RemovalRejected)) {
      settled.add(event.data.objectKey);
      held.delete(event.data.objectKey);
      sentBack.delete(event.data.objectKey);
    }
  }
  if (settled.size > 0) {
    await manager.query('DELETE FROM held_removal WHERE job_id = $1 AND object_key = ANY($2)', [events[0]!.jobId, [...settled]]);
  }
  // Work on demand says which waiting removal it ends; one that was sent back does not wait any more.
  if (overtaken.size > 0) {
    await manager.query('DELETE FROM held_removal WHERE job_id = $1 AND object_key = ANY($2) AND sent_back', [
      events[0]!.jobId,
      [...overtaken],
    ]);
  }
  for (const event of held.values()) await hold(event, manager);
  if (sentBack.size > 0) {
    await manager.query(
      `UPDATE held_removal SET sent_back = true FROM unnest($2::text[], $3::text[]) AS back (object_key, change_id)
       WHERE held_removal.job_id = $1 AND held_removal.object_key = back.object_key AND held_removal.change_id = back.change_id`,
      [events[0]!.jobId, [...sentBack.keys()], [...sentBack.values()]],
    );
  }
}

function hold({ data, lane, cause }: LogEvent<DataOf<typeof RemovalHeld>>, manager: EntityManager): Promise<unknown> {
  const instead = isCounted(data) ? '' : 'WHERE NOT held_removal.counted';
  return manager.query(
    `INSERT INTO held_removal (job_id, object_key, lane, cycle_id, sequence, change_id, kind, counted, imported) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (job_id, object_key) DO UPDATE SET cycle_id = excluded.cycle_id, change_id = excluded.change_id,
       sequence = excluded.sequence, kind = excluded.kind, counted = excluded.counted, imported = excluded.imported, sent_back = false ${instead}`,
    [
      data.jobId,
      data.objectKey,
      objectLaneOf(lane),
      data.cycleId,
      cause,
      data.changeId,
      removalKindOf(data),
      isCounted(data),
      data.imported ?? null,
    ],
  );
}

/** Each change of members has a story of its own: it is held until the next word about it. */
async function rememberHeldMembers(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  for (const event of events) {
    const { jobId, changeId, part } = event.data as { jobId: string; changeId: string; part?: string };
    if (part === undefined) continue;
    if (is(event, RemovalHeld)) {
      const { objectKey, cycleId } = event.data;
      await manager.query(
        `INSERT INTO held_members (job_id, change_id, object_key, lane, cycle_id, kind, sequence) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (job_id, change_id) DO UPDATE SET cycle_id = excluded.cycle_id, kind = excluded.kind, sequence = excluded.sequence`,
        [jobId, changeId, objectKey, objectLaneOf(event.lane), cycleId, removalKindOf(event.data), event.cause],
      );
    } else if (endsHeldMembers(event)) {
      await manager.query('DELETE FROM held_members WHERE job_id = $1 AND change_id = $2', [jobId, changeId]);
    }
  }
}

/** Whether an event about some members of a group ends their waiting, if they did. */
export const endsHeldMembers = (event: LogEvent): boolean =>
  [ObjectExported, ExportFailed, ExportDeferred, RemovalWithdrawn, RemovalRejected].some((definition) =>
    is(event, definition as typeof ObjectExported),
  );
