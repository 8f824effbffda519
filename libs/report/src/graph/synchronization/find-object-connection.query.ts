import type { ObjectConnection } from '@provident/contracts';
import { partsOf, type ObjectKey } from '@provident/domain';
import { identityValue } from '@provident/read-model';

import { NotFound, query, type ReadModels } from '../../database.js';
import { objectTypeName } from '../words.js';

interface Row {
  readonly object_key: string;
  readonly target_id: string | null;
  readonly source_id: string | null;
  readonly display_name: string | null;
}

/** An object, and the account that it is linked to. */
export interface KnownConnection {
  readonly objectType: string;
  /** Its id in the source. */
  readonly anchor: string;
  readonly targetId: string | null;
  readonly displayName: string | null;
}

/** The object behind an identifier: it is tried as the source's first, then as that of the linked account. */
export async function findConnection(models: ReadModels, jobId: string, objectId: string): Promise<KnownConnection | null> {
  const [row] = await query<Row>(
    models,
    `select identity.object_key, state.target_id, entry.source_id, entry.display_name
     from identity
     join object_state state on state.job_id = identity.job_id and state.object_key = identity.object_key
     left join lateral (
       select source_id, display_name from provisioning_entry
       where job_id = identity.job_id and object_key = identity.object_key order by at desc, last_sequence desc limit 1
     ) entry on true
     where identity.job_id = $1 and identity.value = $2 and (identity.kind = 'source' or (identity.kind = 'target' and state.target_id = $3))
     order by identity.kind, identity.object_key limit 1`,
    [jobId, identityValue('source', objectId), objectId],
  );
  if (!row) return null;
  const { objectType, anchor } = partsOf(row.object_key as ObjectKey);
  return { objectType, anchor: row.source_id ?? anchor, targetId: row.target_id, displayName: row.display_name };
}

/** The same in the shape of Graph. @throws NotFound */
export async function getObjectConnection(models: ReadModels, jobId: string, objectId: string): Promise<ObjectConnection> {
  const known = await findConnection(models, jobId, objectId);
  if (!known) throw new NotFound(`the job ${jobId} knows no object ${objectId}, neither by the source's id nor by the target's`);
  return {
    objectId,
    sourceAnchor: known.anchor,
    targetAnchor: known.targetId ?? '',
    displayName: known.displayName ?? '',
    objectTypeName: objectTypeName(known.objectType),
  };
}
