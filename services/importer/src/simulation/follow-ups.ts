import type { SimulatedMember, SimulatedOutcome, SimulatedRow } from '@provident/contracts';
import { type AttributeValue, type ObjectKey, circleNote, partsOf, reason, withNotes } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { type Aftermath, turnedReferences } from './aftermath.js';

interface MemberRow extends SimulatedMember {
  readonly group: ObjectKey;
  readonly groupName: string | null;
  readonly groupId: string | null;
  /** Whether they would join (true), leave (false) or neither (null), under the rules and under those that apply now. */
  readonly adds: boolean | null;
  readonly addsNow: boolean | null;
  /** Whether a person would have to decide about it first. */
  readonly held: boolean;
  readonly heldNow: boolean;
}

interface ReferenceRow {
  readonly objectKey: ObjectKey;
  readonly displayName: string | null;
  readonly targetId: string | null;
  readonly attribute: string;
  readonly held: AttributeValue;
  readonly isTurned: boolean;
  readonly turned: AttributeValue;
  readonly isTurnedNow: boolean;
  readonly turnedNow: AttributeValue;
}

interface CircleRow extends Pick<ReferenceRow, 'objectKey' | 'displayName' | 'targetId' | 'attribute'> {
  /** Keys, as JSON. */
  readonly circle: string;
}

const pageSize = 2_000;
const mostMembers = 200;

/**
 * What follows on a simulated pass, as rows: of each group who joins and leaves it, some in each row, and of each object the references that lead
 * elsewhere. Where two sets of rules are compared, only what differs.
 * @param current what follows under the rules that apply now
 */
export async function* followUpRows(
  database: DataSource,
  jobId: string,
  simulationId: string,
  rules: Aftermath,
  current: Aftermath | null,
) {
  const compared = current !== null;
  const scope = [simulationId, rules.scratch, current?.scratch ?? ''];
  for (let after = ['', '']; ; ) {
    const page: MemberRow[] = await database.query<MemberRow[]>(membersSql, [...scope, ...after, pageSize]);
    if (page.length === 0) break;
    yield byFate(page).map((some) => membersRow(some, compared));
    const { group, key } = page.at(-1)!;
    after = [group, key];
  }
  for (let after = ['', '']; ; ) {
    const page: ReferenceRow[] = await database.query<ReferenceRow[]>(referencesSql, [...scope, ...after, pageSize, jobId]);
    if (page.length === 0) break;
    yield chunked(page, ({ objectKey }) => objectKey, Infinity).map((some) => referencesRow(some, compared));
    const { objectKey, attribute } = page.at(-1)!;
    after = [objectKey, attribute];
  }
  // Both sets of rules mostly make the same circles of the same people.
  for (let after = ['', '']; !compared; ) {
    const page: CircleRow[] = await database.query<CircleRow[]>(circlesSql, [simulationId, rules.scratch, ...after, pageSize]);
    if (page.length === 0) return;
    yield page.map(circleRow);
    const { objectKey, attribute } = page.at(-1)!;
    after = [objectKey, attribute];
  }
}

const membersSql = `
  SELECT group_key AS "group", member_key AS key, coalesce(f.display_name, b.display_name) AS "displayName", coalesce(f.target_id, b.target_id) AS "targetId",
         coalesce(f.group_name, b.group_name) AS "groupName", coalesce(f.group_id, b.group_id) AS "groupId", f.adds, b.adds AS "addsNow",
         f.held IS TRUE AS held, b.held IS TRUE AS "heldNow"
    FROM (SELECT * FROM simulated_membership WHERE job_id = $2 AND cycle_id = $1) AS f
    FULL JOIN (SELECT * FROM simulated_membership WHERE job_id = $3 AND cycle_id = $1) AS b USING (group_key, member_key)
   WHERE (f.adds IS DISTINCT FROM b.adds OR f.held IS DISTINCT FROM b.held) AND (group_key, member_key) > ($4, $5) ORDER BY group_key, member_key LIMIT $6`;

const referencesSql = `
  SELECT object_key AS "objectKey", attribute, coalesce(f.display_name, b.display_name) AS "displayName", coalesce(f.target_id, b.target_id) AS "targetId",
         coalesce(f.held, b.held) AS held, f.object_key IS NOT NULL AS "isTurned", f.turned, b.object_key IS NOT NULL AS "isTurnedNow", b.turned AS "turnedNow"
    FROM (${turnedReferences({ scratch: 2, simulation: 1, job: 7 })}) AS f
    FULL JOIN (${turnedReferences({ scratch: 3, simulation: 1, job: 7 })}) AS b USING (object_key, attribute)
   WHERE (f.object_key IS NULL OR f.turned IS DISTINCT FROM b.turned) AND (object_key, attribute) > ($4, $5) ORDER BY object_key, attribute LIMIT $6`;

/** References that close a circle once all accounts are there, of objects that were not told so when they were judged. */
const circlesSql = `
  SELECT r.object_key AS "objectKey", r.attribute, r.circle, me.display_name AS "displayName", me.target_id AS "targetId"
    FROM simulated_reference AS r
    JOIN simulated_account AS me ON me.job_id = r.job_id AND me.cycle_id = r.cycle_id AND me.object_key = r.object_key AND me.in_use
   WHERE r.cycle_id = $1 AND r.job_id = $2 AND r.circle IS NOT NULL AND NOT r.told AND (r.object_key, r.attribute) > ($3, $4)
   ORDER BY r.object_key, r.attribute LIMIT $5`;

/** Neighbours with the same key together, no more than so many. */
function chunked<Item>(items: readonly Item[], keyOf: (item: Item) => string, most: number): [Item, ...Item[]][] {
  const chunks: [Item, ...Item[]][] = [];
  for (const item of items) {
    const chunk = chunks.at(-1);
    if (chunk && chunk.length < most && keyOf(chunk[0]) === keyOf(item)) chunk.push(item);
    else chunks.push([item]);
  }
  return chunks;
}

/** Some of a group's members in each, those apart about whom a person would have to decide. */
const byFate = (page: readonly MemberRow[]): [MemberRow, ...MemberRow[]][] =>
  [false, true].flatMap((held) =>
    chunked(
      page.filter((each) => each.held === held),
      ({ group }) => group,
      mostMembers,
    ),
  );

type Side = 'adds' | 'addsNow';

function membersRow(some: readonly [MemberRow, ...MemberRow[]], compared: boolean): SimulatedRow {
  const [{ group, groupName, groupId, held }] = some;
  const outcome = (side: Side): SimulatedOutcome => {
    const of = (adds: boolean): SimulatedMember[] =>
      some.filter((each) => each[side] === adds).map(({ key, displayName, targetId }) => ({ key, displayName, targetId }));
    const members = { add: of(true), remove: of(false) };
    const changes = members.add.length + members.remove.length;
    const differ = reason('members-differ', { added: String(members.add.length), removed: String(members.remove.length) });
    const isHeld = some.some((each) => (side === 'adds' ? each.held : each.heldNow));
    const why = isHeld ? withNotes(differ, ['held for a person to decide, because more leave than the job allows']) : differ;
    return { ...outcomeOf(groupId, changes, why), members };
  };
  const row = rowOf(group, groupName, 'members', outcome('adds'), compared ? outcome('addsNow') : null);
  return held ? { ...row, held } : row;
}

function referencesRow(some: readonly [ReferenceRow, ...ReferenceRow[]], compared: boolean): SimulatedRow {
  const [{ objectKey, displayName, targetId }] = some;
  const outcome = (isTurned: 'isTurned' | 'isTurnedNow', turned: 'turned' | 'turnedNow'): SimulatedOutcome => {
    const changes = some
      .filter((each) => each[isTurned])
      .map(({ attribute, held, [turned]: wanted }) => ({ attribute, old: held, new: wanted }));
    const why = reason('attributes-differ', { attributes: changes.map(({ attribute }) => attribute).join(', ') });
    return { ...outcomeOf(targetId, changes.length, why), changes };
  };
  return rowOf(objectKey, displayName, 'references', outcome('isTurned', 'turned'), compared ? outcome('isTurnedNow', 'turnedNow') : null);
}

function circleRow({ objectKey, displayName, targetId, attribute, circle }: CircleRow): SimulatedRow {
  const why = withNotes(reason('redundant-export'), [circleNote(attribute, JSON.parse(circle) as ObjectKey[])]);
  return rowOf(objectKey, displayName, 'references', { ...outcomeOf(targetId, 0, why), reason: why }, null);
}

function outcomeOf(targetId: string | null, changes: number, why: SimulatedOutcome['reason']): SimulatedOutcome {
  const isSame = changes === 0;
  return {
    action: isSame ? 'unchanged' : 'update',
    reason: isSame ? reason('redundant-export') : why,
    targetId,
    match: null,
    changes: [],
    members: null,
    enable: false,
    linksNow: false,
  };
}

function rowOf(
  objectKey: ObjectKey,
  displayName: string | null,
  part: SimulatedRow['part'],
  outcome: SimulatedOutcome,
  before: SimulatedOutcome | null,
): SimulatedRow {
  const { objectType, anchor } = partsOf(objectKey);
  return { objectKey, objectType, sourceId: anchor, displayName, part, ...outcome, before, valuesLeftOut: false };
}
