import { type LogEvent, ObjectExported, SourceObjectImported, TargetObjectImported, is } from '@provident/contracts';
import type { ObjectKey } from '@provident/domain';
import type { EntityManager } from 'typeorm';

import { findWants } from './circles.js';

interface Given {
  readonly objectKey: ObjectKey;
  readonly attribute: string;
  readonly wantedKey: ObjectKey;
  readonly circle: readonly ObjectKey[] | null;
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
 * import of an object says its references anew; which of the two events stands first in the log does not matter. Who is in a circle that another
 * object has closed, or opened, is to be taken up again, too.
 */
export async function foldReferences(jobId: string, events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const imported = new Set<ObjectKey>();
  const given = new Map<ObjectKey, Given[]>();
  const turned = new Map<ObjectKey, Turn>();
  const settled = new Map<ObjectKey, Turn>();
  for (const event of events) {
    if (is(event, SourceObjectImported) && !event.data.part) {
      imported.add(event.data.objectKey);
      given.delete(event.data.objectKey);
      if (!event.data.targetFollows) settled.set(event.data.objectKey, { sequence: event.sequence, cycleId: event.data.cycleId });
    } else if (is(event, TargetObjectImported)) {
      const { objectKey, cycleId, references, by, matches, already } = event.data;
      settled.set(objectKey, { sequence: event.sequence, cycleId });
      if (references) given.set(objectKey, givenIn(objectKey, references, event.sequence, cycleId));
      if ((by === 'matching' && matches.length === 1) || already === 'gone') turned.set(objectKey, { sequence: event.sequence, cycleId });
    } else if (is(event, ObjectExported) && (event.data.action === 'create' || event.data.action === 'delete')) {
      turned.set(event.data.objectKey, { sequence: event.sequence, cycleId: event.data.cycleId });
    }
  }
  if (imported.size > 0)
    await manager.query('DELETE FROM reference_given WHERE job_id = $1 AND object_key = ANY($2)', [jobId, [...imported]]);
  const all = [...given.values()].flat();
  await insert(jobId, all, manager);
  await markStale(jobId, turned, manager);
  await markClosed(jobId, all, manager);
  await markOpened(jobId, settled, manager);
}

function givenIn(
  objectKey: ObjectKey,
  references: readonly {
    readonly attribute: string;
    readonly to: ObjectKey | null;
    readonly id: string | null;
    readonly circle?: readonly ObjectKey[] | undefined;
  }[],
  sequence: number,
  cycleId: string,
): Given[] {
  const toOthers = references.flatMap(({ attribute, to, id, circle = null }): [string, Given][] =>
    to === null || to === objectKey ? [] : [[attribute, { objectKey, attribute, wantedKey: to, targetId: id, circle, sequence, cycleId }]],
  );
  return [...new Map(toOthers).values()];
}

/** What became of the other's account while the object was being imported counts from the beginning. */
async function insert(jobId: string, given: readonly Given[], manager: EntityManager): Promise<void> {
  if (given.length === 0) return;
  await manager.query(
    `INSERT INTO reference_given (job_id, object_key, attribute, wanted_key, target_id, stale_at, cycle_id, circle)
     SELECT $1, g.object_key, g.attribute, g.wanted_key, g.target_id, CASE WHEN o.target_id IS DISTINCT FROM g.target_id THEN g.sequence END, g.cycle_id, g.circle
       FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
         AS g (object_key, wanted_key, target_id, sequence, cycle_id, attribute, circle)
       LEFT JOIN source_object AS o ON o.job_id = $1 AND o.object_key = g.wanted_key`,
    [
      jobId,
      given.map(({ objectKey }) => objectKey),
      given.map(({ wantedKey }) => wantedKey),
      given.map(({ targetId }) => targetId),
      given.map(({ sequence }) => sequence),
      given.map(({ cycleId }) => cycleId),
      given.map(({ attribute }) => attribute),
      given.map(({ circle }) => circle && JSON.stringify(circle)),
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

/** A reference by which another object of a circle is to be looked at again. */
interface Touched extends Turn {
  readonly objectKey: ObjectKey;
  readonly attribute: string;
}

/** Who is in a circle that was found from another of its objects, and was written before, does not know of it yet. */
async function markClosed(jobId: string, given: readonly Given[], manager: EntityManager): Promise<void> {
  const touched = given.flatMap(({ objectKey, attribute, circle, sequence, cycleId }) =>
    othersIn(circle ?? [], objectKey).map((other): Touched => ({ objectKey: other, attribute, sequence, cycleId })),
  );
  await touch(jobId, touched, 'g.circle IS NULL AND g.target_id IS NOT NULL', manager);
}

/** Who is in a circle of which another object refers to somebody else by now may have his reference written. */
async function markOpened(jobId: string, settled: ReadonlyMap<ObjectKey, Turn>, manager: EntityManager): Promise<void> {
  if (settled.size === 0) return;
  // Of a circle that was found a moment ago only he may know of whom it was found: everybody's is looked at. They are few, for who is in one is in error.
  const rows = await manager.query<{ attribute: string; circle: string }[]>(
    'SELECT DISTINCT attribute, circle FROM reference_given WHERE job_id = $1 AND circle IS NOT NULL',
    [jobId],
  );
  const steps = rows.flatMap(({ attribute, circle: said }) => {
    const circle = JSON.parse(said) as ObjectKey[];
    return circle.flatMap((from, at) => (settled.has(from) ? [{ attribute, circle, from, to: circle[(at + 1) % circle.length] }] : []));
  });
  const wants = await findWants(manager, jobId, [...new Set(steps.map(({ from }) => from))]);
  const touched = steps
    .filter(({ attribute, from, to }) => wants.get(from)?.get(attribute) !== to)
    .flatMap(({ attribute, circle, from }) =>
      othersIn(circle, from).map((other): Touched => ({ objectKey: other, attribute, ...settled.get(from)! })),
    );
  await touch(jobId, touched, 'g.circle IS NOT NULL', manager);
}

const othersIn = (circle: readonly ObjectKey[], objectKey: ObjectKey): ObjectKey[] => circle.filter((each) => each !== objectKey);

async function touch(jobId: string, touched: readonly Touched[], condition: string, manager: EntityManager): Promise<void> {
  if (touched.length === 0) return;
  const once = [...new Map(touched.map((each) => [`${each.attribute} ${each.objectKey}`, each])).values()];
  await manager.query(
    `UPDATE reference_given AS g SET stale_at = t.sequence, cycle_id = t.cycle_id
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) AS t (object_key, attribute, sequence, cycle_id)
      WHERE g.job_id = $1 AND g.object_key = t.object_key AND g.attribute = t.attribute AND g.stale_at IS NULL AND ${condition}`,
    [
      jobId,
      once.map(({ objectKey }) => objectKey),
      once.map(({ attribute }) => attribute),
      once.map(({ sequence }) => sequence),
      once.map(({ cycleId }) => cycleId),
    ],
  );
}
