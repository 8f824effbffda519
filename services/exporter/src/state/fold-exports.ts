import { type LogEvent, ExportFailed, ObjectExported, RemovalHeld, RemovalWithdrawn, is } from '@provident/contracts';
import type { EntityManager } from 'typeorm';

/** Puts what this service said in one lane into its tables. */
export async function foldExports(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const exported = events.filter((event) => is(event, ObjectExported));
  await rememberExports(
    exported.map(({ data, sequence }) => ({ jobId: data.jobId, objectKey: data.objectKey, sequence })),
    manager,
  );
  const settled = events
    .filter((event) => is(event, ObjectExported) || is(event, ExportFailed) || is(event, RemovalWithdrawn))
    .map((event) => event.data as { objectKey: string });
  if (settled.length > 0) {
    await manager.query('DELETE FROM held_removal WHERE job_id = $1 AND object_key = ANY($2)', [
      events[0]!.jobId,
      settled.map(({ objectKey }) => objectKey),
    ]);
  }
  for (const event of events) {
    if (is(event, RemovalHeld)) await rememberHeld(event, manager);
  }
}

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

function rememberHeld(
  { data, lane, cause }: LogEvent<{ jobId: string; objectKey: string; cycleId: string }>,
  manager: EntityManager,
): Promise<unknown> {
  return manager.query(
    `INSERT INTO held_removal (job_id, object_key, lane, cycle_id, sequence) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (job_id, object_key) DO UPDATE SET cycle_id = excluded.cycle_id, sequence = excluded.sequence`,
    [data.jobId, data.objectKey, lane, data.cycleId, cause],
  );
}
