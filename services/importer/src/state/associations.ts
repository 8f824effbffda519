import {
  type JobId,
  type Member,
  type ObjectKey,
  type ObjectMapping,
  type Reference,
  type ResolvedReference,
  partsOf,
  referencesOf,
} from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { Associations, FindAssociations, Wanted } from '../cycle/import-objects.js';
import type { Sought } from '../cycle/look-up.js';
import { Circles } from './circles.js';
import { contentHash } from './content-hash.js';
import type { RejectedRow } from './fold-imports.js';
import { belongs, isElsewise } from './fold-memberships.js';
import { type MappingAt, sameRules } from './rejected-rules.js';

/** So many memberships travel with a group that is taken up as a whole; the others follow by themselves. */
const mostMembers = 500;

/**
 * Finds out, from what the job has linked, which accounts an object refers to, which of a group's members failed and are to be
 * tried again, and whose removal a person rejected.
 */
export function associationsIn(database: DataSource, jobId: JobId, mappingAt: MappingAt): FindAssociations {
  const circles = new Circles(database, jobId);
  return async (mapping, objects, others = []) => {
    const found = new Map<ObjectKey, Associations>(await findRemoved(database, jobId, mapping, objects, mappingAt));
    const wanted = new Map(objects.map((object) => [object.objectKey, wantedOf(mapping, object)]));
    const keys = [...new Set([...wanted.values()].flatMap((references) => references.flatMap(({ to }) => to ?? [])))];
    const accounts = await findAccounts(database, jobId, keys);
    circles.remember(wanted);
    circles.remember(new Map(others.map(({ objectKey }) => [objectKey, []])));
    const resolved = new Map(
      [...wanted]
        .filter(([, references]) => references.length > 0)
        .map(([objectKey, references]) => [objectKey, references.map((each) => ({ ...each, ...stateOf(each.to, objectKey, accounts) }))]),
    );
    for (const [objectKey, references] of await circles.mark(resolved)) {
      found.set(objectKey, { ...found.get(objectKey), references: references.map(asSaid) });
    }
    for (const { objectKey } of objects.filter(isLinkedGroup)) {
      const members = await findFailedMembers(database, jobId, objectKey);
      if (members) found.set(objectKey, { ...found.get(objectKey), members });
    }
    return found;
  };
}

/** Who is gone refers to nobody any more. */
const wantedOf = (mapping: ObjectMapping, { change, attributes }: Wanted): Reference[] =>
  change === 'deleted' ? [] : referencesOf(mapping.attributes, attributes);

/** As events take it. */
const asSaid = ({ circle, ...reference }: ResolvedReference) => (circle ? { ...reference, circle: [...circle] } : reference);

/** Accounts that the job has disabled; and removals that a person rejected, of objects that are as they were then, under rules that are the same. */
async function findRemoved(
  database: DataSource,
  jobId: JobId,
  mapping: ObjectMapping,
  objects: readonly Wanted[],
  mappingAt: MappingAt,
): Promise<[ObjectKey, Associations][]> {
  const linked = objects.filter(({ linkedId }) => linkedId !== null);
  if (linked.length === 0) return [];
  const rows = await database.query<
    { objectKey: ObjectKey; hash: string | null; deleted: boolean; disabled: boolean; rejected: RejectedRow | null }[]
  >(
    `SELECT object_key AS "objectKey", hash, deleted, disabled, rejected FROM source_object
      WHERE job_id = $1 AND object_key = ANY($2) AND (disabled OR rejected IS NOT NULL)`,
    [jobId, linked.map(({ objectKey }) => objectKey)],
  );
  const known = new Map(rows.map((row) => [row.objectKey, row]));
  const found: [ObjectKey, Associations][] = [];
  for (const { objectKey, change, attributes } of linked) {
    const row = known.get(objectKey);
    if (!row) continue;
    const removed: Associations = row.disabled ? { isDisabled: true } : {};
    found.push([objectKey, removed]);
    if (!row.rejected || row.deleted !== (change === 'deleted') || row.hash !== contentHash(attributes)) continue;
    const { rules, ...rejected } = row.rejected;
    if ((await sameRules([rules], mapping, mappingAt)).length > 0) found.push([objectKey, { ...removed, rejected }]);
  }
  return found;
}

const isLinkedGroup = ({ objectKey, linkedId }: Sought): boolean => linkedId !== null && partsOf(objectKey).objectType === 'group';

interface Account {
  readonly targetId: string | null;
  readonly unlinked: boolean;
}

async function findAccounts(database: DataSource, jobId: JobId, keys: readonly ObjectKey[]): Promise<ReadonlyMap<ObjectKey, Account>> {
  if (keys.length === 0) return new Map();
  const rows = await database.query<(Account & { objectKey: ObjectKey })[]>(
    'SELECT object_key AS "objectKey", target_id AS "targetId", unlinked FROM source_object WHERE job_id = $1 AND object_key = ANY($2)',
    [jobId, keys],
  );
  return new Map(rows.map((row) => [row.objectKey, row]));
}

function stateOf(
  to: ObjectKey | null,
  from: ObjectKey,
  accounts: ReadonlyMap<ObjectKey, Account>,
): Pick<ResolvedReference, 'state' | 'id'> {
  if (to === null) return { state: 'several', id: null };
  if (to === from) return { state: 'itself', id: null };
  const account = accounts.get(to);
  if (account && account.targetId !== null) return { state: 'resolved', id: account.targetId };
  return { state: account?.unlinked ? 'gone' : 'waiting', id: null };
}

async function findFailedMembers(database: DataSource, jobId: JobId, group: ObjectKey): Promise<WritableChanges | null> {
  const rows = await database.query<(Member & { isThere: boolean })[]>(
    `SELECT m.member_key AS key, coalesce(m.target_id, p.target_id) AS id, ${isThere} AS "isThere"
       FROM membership AS m LEFT JOIN source_object AS p ON p.job_id = $1 AND p.object_key = m.member_key
      WHERE m.job_id = $1 AND m.group_key = $2 AND m.failed AND p.former_id IS NULL
        AND ${isElsewise('m', 'p')}
      ORDER BY m.member_key LIMIT ${mostMembers}`,
    [jobId, group],
  );
  return rows.length === 0 ? null : changesOf(rows);
}

/** As events take it. */
type WritableChanges = { add: Member[]; remove: Member[] };

/** As far as a write is concerned: of what nobody knows, it is the opposite of what ought to be. Of rows `m` (the membership) and `p` (the member). */
export const isThere = `(CASE WHEN m.unsure THEN ${belongs('m', 'p')} IS NOT TRUE ELSE m.target_id IS NOT NULL END) IS TRUE`;

/** Who is there goes, who is not there comes: only what differs is asked about. */
export function changesOf(rows: readonly (Member & { readonly isThere: boolean })[]): WritableChanges {
  const plain = (some: readonly Member[]): Member[] => some.map(({ key, id }) => ({ key, id }));
  return { add: plain(rows.filter(({ isThere }) => !isThere)), remove: plain(rows.filter(({ isThere }) => isThere)) };
}
