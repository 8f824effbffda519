import { type LogEvent, ObjectExported, SourceObjectImported, TargetObjectImported, is } from '@provident/contracts';
import type { ObjectKey } from '@provident/domain';
import type { EntityManager } from 'typeorm';

interface Wait {
  readonly objectKey: ObjectKey;
  readonly wantedKey: ObjectKey;
  readonly sequence: number;
  readonly cycleId: string;
}

/**
 * Notes which references wait for which accounts, and which of them need wait no longer. Each import of an object says anew what it waits for; a wait
 * is over once the other object is linked, whichever of the two events stands first in the log.
 */
export async function foldReferences(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const imported = new Set<ObjectKey>();
  const waits = new Map<ObjectKey, Wait[]>();
  const linked = new Map<ObjectKey, { readonly sequence: number; readonly cycleId: string }>();
  for (const event of events) {
    if (is(event, SourceObjectImported) && !event.data.part) {
      imported.add(event.data.objectKey);
      waits.delete(event.data.objectKey);
    } else if (is(event, TargetObjectImported)) {
      const { objectKey, cycleId, references, by, matches } = event.data;
      if (references) waits.set(objectKey, waitsIn(objectKey, references, event.sequence, cycleId));
      if (by === 'matching' && matches.length === 1) linked.set(objectKey, { sequence: event.sequence, cycleId });
    } else if (is(event, ObjectExported) && event.data.action === 'create') {
      linked.set(event.data.objectKey, { sequence: event.sequence, cycleId: event.data.cycleId });
    }
  }
  if (imported.size > 0)
    await manager.query('DELETE FROM reference_wait WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...imported]]);
  await beginWaits(jobId, [...waits.values()].flat(), manager);
  await endWaits(jobId, linked, manager);
}

function waitsIn(
  objectKey: ObjectKey,
  references: readonly { readonly state: string; readonly to: ObjectKey | null }[],
  sequence: number,
  cycleId: string,
): Wait[] {
  const wanted = references.flatMap(({ state, to }) => (state === 'waiting' && to !== null ? [to] : []));
  return [...new Set(wanted)].map((wantedKey) => ({ objectKey, wantedKey, sequence, cycleId }));
}

/** A wait for what was linked while the object was being imported is over as it begins. */
async function beginWaits(jobId: string, waits: readonly Wait[], manager: EntityManager): Promise<void> {
  if (waits.length === 0) return;
  await manager.query(
    `INSERT INTO reference_wait (job_id, object_key, wanted_key, ready_at, cycle_id)
     SELECT $1, w.object_key, w.wanted_key, CASE WHEN o.target_id IS NULL THEN NULL ELSE w.sequence END, w.cycle_id
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) AS w (object_key, wanted_key, sequence, cycle_id)
       LEFT JOIN source_object AS o ON o.job_id = $1 AND o.object_key = w.wanted_key`,
    [
      jobId,
      waits.map(({ objectKey }) => objectKey),
      waits.map(({ wantedKey }) => wantedKey),
      waits.map(({ sequence }) => sequence),
      waits.map(({ cycleId }) => cycleId),
    ],
  );
}

async function endWaits(
  jobId: string,
  linked: ReadonlyMap<ObjectKey, { readonly sequence: number; readonly cycleId: string }>,
  manager: EntityManager,
): Promise<void> {
  if (linked.size === 0) return;
  const links = [...linked.values()];
  await manager.query(
    `UPDATE reference_wait AS w SET ready_at = l.sequence, cycle_id = l.cycle_id
       FROM unnest($2::text[], $3::bigint[], $4::text[]) AS l (wanted_key, sequence, cycle_id)
      WHERE w.job_id = $1 AND w.wanted_key = l.wanted_key AND w.ready_at IS NULL`,
    [jobId, [...linked.keys()], links.map(({ sequence }) => sequence), links.map(({ cycleId }) => cycleId)],
  );
}
