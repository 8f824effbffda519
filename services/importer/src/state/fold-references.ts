import { type LogEvent, ObjectExported, SourceObjectImported, TargetObjectImported, is } from '@provident/contracts';
import type { ObjectKey } from '@provident/domain';
import type { EntityManager } from 'typeorm';

interface Given {
  readonly objectKey: ObjectKey;
  readonly wantedKey: ObjectKey;
  /** The account it led to; null when there was none to be had. */
  readonly targetId: string | null;
  readonly sequence: number;
  readonly cycleId: string;
}

/** Where somebody's account came or went. */
interface Turn {
  readonly sequence: number;
  readonly cycleId: string;
}

/**
 * Notes where references led, and which of them would lead elsewhere by now: to an account that has come since, or no longer to one that is gone. Each
 * import of an object says its references anew; which of the two events stands first in the log does not matter.
 */
export async function foldReferences(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const imported = new Set<ObjectKey>();
  const given = new Map<ObjectKey, Given[]>();
  const turned = new Map<ObjectKey, Turn>();
  for (const event of events) {
    if (is(event, SourceObjectImported) && !event.data.part) {
      imported.add(event.data.objectKey);
      given.delete(event.data.objectKey);
    } else if (is(event, TargetObjectImported)) {
      const { objectKey, cycleId, references, by, matches, already } = event.data;
      if (references) given.set(objectKey, givenIn(objectKey, references, event.sequence, cycleId));
      if ((by === 'matching' && matches.length === 1) || already === 'gone') turned.set(objectKey, { sequence: event.sequence, cycleId });
    } else if (is(event, ObjectExported) && (event.data.action === 'create' || event.data.action === 'delete')) {
      turned.set(event.data.objectKey, { sequence: event.sequence, cycleId: event.data.cycleId });
    }
  }
  if (imported.size > 0)
    await manager.query('DELETE FROM reference_given WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...imported]]);
  await insert(jobId, [...given.values()].flat(), manager);
  await markStale(jobId, turned, manager);
}

function givenIn(
  objectKey: ObjectKey,
  references: readonly { readonly state: string; readonly to: ObjectKey | null; readonly id: string | null }[],
  sequence: number,
  cycleId: string,
): Given[] {
  const toOthers = references.flatMap(({ to, id }): [ObjectKey, string | null][] => (to === null || to === objectKey ? [] : [[to, id]]));
  return [...new Map(toOthers)].map(([wantedKey, targetId]) => ({ objectKey, wantedKey, targetId, sequence, cycleId }));
}

/** What became of the other's account while the object was being imported counts from the beginning. */
async function insert(jobId: string, given: readonly Given[], manager: EntityManager): Promise<void> {
  if (given.length === 0) return;
  await manager.query(
    `INSERT INTO reference_given (job_id, object_key, wanted_key, target_id, stale_at, cycle_id)
     SELECT $1, g.object_key, g.wanted_key, g.target_id, CASE WHEN o.target_id IS DISTINCT FROM g.target_id THEN g.sequence END, g.cycle_id
       FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) AS g (object_key, wanted_key, target_id, sequence, cycle_id)
       LEFT JOIN source_object AS o ON o.job_id = $1 AND o.object_key = g.wanted_key`,
    [
      jobId,
      given.map(({ objectKey }) => objectKey),
      given.map(({ wantedKey }) => wantedKey),
      given.map(({ targetId }) => targetId),
      given.map(({ sequence }) => sequence),
      given.map(({ cycleId }) => cycleId),
    ],
  );
}

/** Which references lead elsewhere by now than they did. */
export async function markStale(jobId: string, turned: ReadonlyMap<ObjectKey, Turn>, manager: EntityManager): Promise<void> {
  if (turned.size === 0) return;
  const turns = [...turned.values()];
  await manager.query(
    `UPDATE reference_given AS g SET stale_at = t.sequence, cycle_id = t.cycle_id
       FROM unnest($2::text[], $3::bigint[], $4::text[]) AS t (wanted_key, sequence, cycle_id)
       LEFT JOIN source_object AS o ON o.job_id = $1 AND o.object_key = t.wanted_key
      WHERE g.job_id = $1 AND g.wanted_key = t.wanted_key AND g.stale_at IS NULL AND o.target_id IS DISTINCT FROM g.target_id`,
    [jobId, [...turned.keys()], turns.map(({ sequence }) => sequence), turns.map(({ cycleId }) => cycleId)],
  );
}
