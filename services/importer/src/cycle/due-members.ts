import { say } from '@provident/bus';
import { type DataOf, type ObjectFacts, SourceObjectImported, TargetObjectImported } from '@provident/contracts';
import { type JobId, type Member, type ObjectMapping, asCycleId } from '@provident/domain';

import type { Saying } from '../job-writer.js';
import type { DueGroup, DueMembers, MembershipIndex, NotLeaving, Which } from '../state/membership-index.js';
import type { OpenSystems } from '../systems.js';
import { changeIdOf } from './change-id.js';
import { isWanted } from './import-objects.js';

export interface DuePorts {
  readonly jobId: JobId;
  readonly memberships: MembershipIndex;
  readonly systems: OpenSystems;
  /** Position of the log up to which the index is folded. */
  readonly basis: () => number;
  /** Resolves once everything that was said so far is in the index. */
  readonly folded: () => Promise<void>;
}

/** What the events of a change carry besides the change itself. */
export interface DueFacts {
  readonly cycleId: string;
  /** 0 if the cycle counts it, 1 if it comes in between. */
  readonly attempt: number;
  readonly cause: number;
}

const groupsAtOnce = 100;
const changesPerAppend = 20;

/**
 * Says the memberships that have to be written, each group's in changes of as many members as the target takes in one request. One that is on its way
 * is not said again until it has come to an end.
 * @param append says some changes, and tells how many
 * @returns how many changes were said
 */
export function sayDueMembers(ports: DuePorts, factsOf: (due: DueMembers) => DueFacts, append: Append): Promise<number> {
  const { memberships } = ports;
  return sayMembersOf(ports, 'due', factsOf, append, async function* (group, perChange) {
    yield* inLots((after) => memberships.findDueMembers(group, after, perChange));
  });
}

/** Says which members leave because the source says so: the cycle weighs it, and may hold it. The rest as `sayDueMembers`. */
export async function sayLeavingMembers(
  ports: DuePorts,
  { besides, facts }: { readonly besides: NotLeaving; readonly facts: DueFacts },
  append: Append,
): Promise<number> {
  const { memberships } = ports;
  return sayMembersOf(
    ports,
    'gated',
    () => facts,
    append,
    async function* (group, perChange) {
      const guard = await memberships.countLeaving(group, besides);
      if (guard.removed === 0) return;
      for await (const due of inLots((after) => memberships.findLeaving(group, besides, after, perChange))) yield { ...due, guard };
    },
  );
}

/**
 * Says that members have to be written again whom somebody took out of a group by hand.
 * @param basis up to where the log was known when the group was listed
 * @returns two events for each change
 */
export function sayMissingMembers(
  group: DueGroup,
  { missing, basis }: { readonly missing: readonly Member[]; readonly basis: number },
  { jobId, systems: { abilities, rules } }: Pick<DuePorts, 'jobId' | 'systems'>,
  facts: DueFacts,
): Saying[][] {
  const lots = Math.ceil(missing.length / abilities.membersPerChange);
  return Array.from({ length: lots }, (_, at) => {
    const add = missing.slice(at * abilities.membersPerChange, (at + 1) * abilities.membersPerChange);
    const lot = { group, changes: { add, remove: [] }, cycleId: facts.cycleId, basis };
    return sayMembers(lot, facts, `drift.${at}`, { jobId, rules });
  });
}

type Append = (sayings: readonly Saying[], changes: number) => Promise<unknown>;

/** Some of a group's members; with a guard, those who leave. */
interface Listed extends DueMembers {
  readonly guard?: { readonly removed: number; readonly of: number };
}

/** With the position of the log that was known before its group was listed: a link that a person sets in between must not count as known. */
interface Lot extends Listed {
  readonly basis: number;
}

async function sayMembersOf(
  ports: DuePorts,
  which: Which,
  factsOf: (due: DueMembers) => DueFacts,
  append: Append,
  lotsOf: (group: DueGroup, perChange: number) => AsyncGenerator<Listed>,
): Promise<number> {
  const { jobId, memberships, systems, folded } = ports;
  const mapping = systems.mappings.find(({ type }) => type === 'group');
  const perChange = systems.abilities.membersPerChange;
  if (!mapping?.actions.includes('update') || perChange === 0) return 0;
  let total = 0;
  let pending: Lot[] = [];
  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const at = ports.basis();
    const sayings = pending.flatMap((lot, index) => sayMembers(lot, factsOf(lot), `${at}.${index}`, { jobId, rules: systems.rules }));
    await append(sayings, pending.length);
    total += pending.length;
    pending = [];
    await folded();
  };
  for (let after = ''; ; ) {
    const basis = ports.basis();
    const groups = await memberships.listDueGroups(which, after, groupsAtOnce);
    if (groups.length === 0) break;
    for (const group of groups.filter((each) => isKept(each, mapping))) {
      for await (const due of lotsOf(group, perChange)) {
        pending.push({ ...due, basis });
        if (pending.length === changesPerAppend) await flush();
      }
    }
    after = groups.at(-1)!.objectKey;
  }
  await flush();
  return total;
}

/** Of a group that the rules do not want, members are left as they are. */
export const isKept = ({ deleted, attributes }: Pick<DueGroup, 'deleted' | 'attributes'>, mapping: ObjectMapping): boolean =>
  !deleted && isWanted(attributes, mapping);

async function* inLots<Due extends { readonly last: string }>(next: (after: string) => Promise<Due | null>): AsyncGenerator<Due> {
  for (let due = await next(''); due; due = await next(due.last)) yield due;
}

/** One change of members, as the two halves of an import: nothing but the members is told. */
function sayMembers(
  { group, changes, guard, basis }: Lot,
  facts: DueFacts,
  name: string,
  { jobId, rules }: { readonly jobId: JobId; readonly rules: number },
): Saying[] {
  const { objectKey, sourceId, displayName, targetId } = group;
  const { cycleId, attempt, cause } = facts;
  const changeId = changeIdOf(cycleId, `${objectKey} ${guard ? 'leaving' : 'members'} ${name}`);
  const about: ObjectFacts = {
    jobId,
    cycleId: asCycleId(cycleId),
    changeId,
    objectKey,
    rules,
    attempt,
    round: 0,
    ...(displayName === null ? {} : { displayName }),
  };
  const source = { ...about, sourceId, change: 'again', attributes: {}, targetFollows: true, part: 'members' } as const;
  const target: DataOf<typeof TargetObjectImported> = {
    ...about,
    by: 'link',
    tried: [],
    matches: [{ id: targetId, attributes: {}, state: 'unknown' }],
    linkedId: targetId,
    basis,
    members: { add: [...changes.add], remove: [...changes.remove] },
    ...(guard && { guard }),
    part: 'members',
  };
  return [
    { said: say(SourceObjectImported, `${changeId}.source.${attempt}.0`, objectKey, source), cause },
    { said: say(TargetObjectImported, `${changeId}.target.${attempt}.0`, objectKey, target), cause },
  ];
}
