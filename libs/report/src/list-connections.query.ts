import type { ConnectionPageView, ConnectionView } from '@provident/contracts';
import { type ObjectKey, partsOf } from '@provident/domain';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { query, type ReadModels } from './database.js';
import { findObjects } from './find-objects.js';

interface ConnectionRecord {
  readonly job_id: string;
  readonly object_key: string;
  readonly target_id: string | null;
  readonly source_id: string | null;
  readonly display_name: string | null;
}

const Key = z.tuple([z.string()]);

export interface ConnectionsAsked {
  readonly jobId: string;
  /** Id in the source, id of an account, or matching value; also of somebody who is linked to none. */
  readonly user?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const page = `
  select state.job_id, state.object_key, state.target_id, entry.source_id, entry.display_name
  from (
    select job_id, object_key, target_id from object_state
    where job_id = $1 and object_key > $2 and case when $3::text[] is null then target_id is not null else object_key = any ($3) end
    order by object_key limit $4
  ) state
  left join lateral (
    select source_id, display_name from provisioning_entry
    where job_id = state.job_id and object_key = state.object_key order by at desc, last_sequence desc limit 1
  ) entry on true
  order by state.object_key`;

/** Who is linked to which account, in the order of object keys. @throws BadCursor */
export async function listConnections(models: ReadModels, { jobId, user, limit, cursor }: ConnectionsAsked): Promise<ConnectionPageView> {
  const [after] = cursor === undefined ? [''] : parseCursor(Key, cursor);
  const keys = user === undefined ? null : (await findObjects(models, user, jobId)).map(({ object_key }) => object_key);
  const rows = await query<ConnectionRecord>(models, page, [jobId, after, keys, limit + 1]);
  const shown = rows.slice(0, limit);
  return { connections: shown.map(connectionView), next: rows.length > limit ? printCursor([shown.at(-1)!.object_key]) : null };
}

function connectionView({ job_id, object_key, target_id, source_id, display_name }: ConnectionRecord): ConnectionView {
  const { objectType, anchor } = partsOf(object_key as ObjectKey);
  return {
    jobId: job_id,
    objectKey: object_key,
    objectType,
    sourceId: source_id ?? anchor,
    displayName: display_name,
    targetId: target_id,
  };
}
