import { query, type ReadModels } from './database.js';
import { findObjects } from './find-objects.js';

/** How many objects are kept, of a job or for one cause. */
export async function countEscrows(models: ReadModels, jobId: string, causeId: string | null): Promise<number> {
  const [row] = await query<{ count: number }>(
    models,
    'select count(*)::integer as count from escrow where job_id = $1 and ($2::text is null or cause_id = $2)',
    [jobId, causeId],
  );
  return row?.count ?? 0;
}

/** Keys of the kept objects that an identifier stands for: in the source, in the target, as a matching value, or the key itself. */
export async function findEscrowed(models: ReadModels, jobId: string, user: string): Promise<string[]> {
  const known = (await findObjects(models, user, jobId)).map(({ object_key }) => object_key);
  // Who never came through the rules has no identity yet: only the escrow knows the id in the source.
  const rows = await query<{ object_key: string }>(
    models,
    'select object_key from escrow where job_id = $1 and (object_key = any ($2) or source_id = $3) order by object_key limit 100',
    [jobId, [...known, user], user],
  );
  return rows.map(({ object_key }) => object_key);
}
