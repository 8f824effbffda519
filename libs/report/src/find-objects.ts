import { type ObjectKey, partsOf } from '@provident/domain';
import { identityValue } from '@provident/read-model';

import { query, type ReadModels } from './database.js';

export interface ObjectRef {
  readonly job_id: string;
  readonly object_key: string;
}

/** More than this many objects under one identifier are no person any more. */
const atMost = 50;

/**
 * The objects that an identifier stands for: in the source, in the target (both exact), or as a matching value in any case of letters. Each way to be
 * meant is a look-up of its own in the primary key; one condition for all of them would read every identifier there is.
 */
export async function findObjects(models: ReadModels, user: string, jobId: string | undefined): Promise<ObjectRef[]> {
  const [jobIds, objectKeys] = await sealedNames(models, user);
  const ids = objectKeys.map((key) => identityValue('source', partsOf(key as ObjectKey).anchor));
  return query<ObjectRef>(models, objectsSql, [
    identityValue('source', user),
    identityValue('matching', user),
    jobId ?? null,
    jobIds,
    objectKeys,
    ids,
  ]);
}

/** Exported for the spec that looks at its plan. */
export const objectsSql = `
  select distinct job_id, object_key from (
    select job_id, object_key from identity where value = $1 and kind in ('source', 'target')
    union all
    select job_id, object_key from identity where value = $2 and kind = 'matching'
    union all
    select job_id, object_key from unnest($4::text[], $5::text[], $6::text[]) named (job_id, object_key, value)
    join identity using (value, job_id, object_key) where kind = 'source'
  ) found
  where $3::text is null or job_id = $3
  order by job_id, object_key limit ${atMost}`;

/** Jobs and keys of those whose sealed name or matching value it is, side by side. */
export async function sealedNames(models: ReadModels, text: string): Promise<[jobIds: string[], objectKeys: string[]]> {
  const found = (await models.findByName?.(text)) ?? [];
  return [found.map(({ jobId }) => jobId), found.map(({ objectKey }) => objectKey)];
}
