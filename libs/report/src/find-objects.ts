import { identityValue } from '@provident/read-model';

import { query, type ReadModels } from './database.js';

export interface ObjectRef {
  readonly job_id: string;
  readonly object_key: string;
}

/** More than this many objects under one identifier are no person any more. */
const atMost = 50;

/** The objects that an identifier stands for: in the source, in the target (both exact), or as a matching value in any case of letters. */
export async function findObjects(models: ReadModels, user: string, jobId: string | undefined): Promise<ObjectRef[]> {
  const sealed = await sealedNames(models, user);
  return query<ObjectRef>(
    models,
    `select distinct job_id, object_key from identity
     where ((value = $1 and kind in ('source', 'target')) or (value = $2 and kind = 'matching')
            or (job_id, object_key) in (select * from unnest($4::text[], $5::text[])))
       and ($3::text is null or job_id = $3)
     order by job_id, object_key limit ${atMost}`,
    [identityValue('source', user), identityValue('matching', user), jobId ?? null, ...sealed],
  );
}

/** Jobs and keys of those whose sealed name or matching value it is, side by side. */
export async function sealedNames(models: ReadModels, text: string): Promise<[jobIds: string[], objectKeys: string[]]> {
  const found = (await models.findByName?.(text)) ?? [];
  return [found.map(({ jobId }) => jobId), found.map(({ objectKey }) => objectKey)];
}
