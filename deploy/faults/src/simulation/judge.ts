import { checkLog, openEscrows } from '@provident/bus/testing/check-log';
import { type LogEvent, ObjectExported, RemovalRejected, RuleEvaluated, is } from '@provident/contracts';

import type { Group } from './groups.js';
import type { Person } from './people.js';
import { somebodyElse } from './ports/sim-groups.js';
import type { Source } from './ports/sim-source.js';
import type { Target } from './ports/sim-target.js';
import { type Ties, anchorIn, checkLinks, keyOf, tiesIn } from './ties.js';

/** What is not as it has to be once nothing moves any more, in sentences. Knows the rules in words of its own. */
export function judge(
  events: readonly LogEvent[],
  source: Source,
  target: Target,
  { withGroups }: { readonly withGroups: boolean },
): string[] {
  return [
    ...checkLog(events),
    ...checkLinks(events),
    ...checkAccounts(events, source, target),
    ...(withGroups ? checkGroups(events, source, target) : []),
    ...checkEscrows(events, source, target),
  ];
}

function checkAccounts(events: readonly LogEvent[], source: Source, target: Target): string[] {
  const kept = rejectedObjects(events);
  const ties = tiesIn(events);
  const problems: string[] = [];
  const owners = new Map<string, string[]>();
  for (const [id, { attributes }] of target.accounts) {
    if (ties.letGo.has(id)) continue;
    const anchor = ties.chosenHolder(id) ?? String(attributes['externalId']);
    if (!ties.isLeftBehind(id, anchor)) owners.set(anchor, [...(owners.get(anchor) ?? []), id]);
  }
  for (const [anchor, ids] of owners) {
    const person = source.people.get(anchor);
    const isWanted = source.isWanted(anchor);
    if (ids.length > 1) problems.push(`${anchor} has ${ids.length} accounts: ${ids.join(', ')}`);
    if (!isWanted && (kept.has(anchor) || ids.every((id) => ties.isUnheardOf(id, anchor)))) continue;
    if (!person) problems.push(`${anchor} is gone from the source and has account ${ids.join(', ')}`);
    if (person && !isWanted && target.accounts.get(ids[0]!)!.isActive)
      problems.push(`${anchor} is not wanted, and account ${ids[0]} is active`);
    if (!source.wasEverWanted(anchor) && !ids.some((id) => ties.chosenFor.has(id)))
      problems.push(`${anchor} was never wanted, and has account ${ids.join(', ')}`);
  }
  for (const person of source.people.values()) {
    if (!source.isWanted(person.anchor)) continue;
    const [id] = owners.get(person.anchor) ?? [];
    const account = id === undefined ? undefined : target.accounts.get(id);
    const isRight = account?.isActive === true && isAsWanted(person, account.attributes);
    if (!isRight && isCrowdedOut(person, events, target)) continue;
    if (id !== undefined && ties.accountOf.get(`user:${person.anchor}`) !== id)
      problems.push(`${person.anchor} has account ${id}, but the log says ${ties.accountOf.get(`user:${person.anchor}`) ?? 'none'}`);
    if (!account) problems.push(`${person.anchor} is wanted and has no account`);
    else if (!account.isActive) problems.push(`${person.anchor} is wanted, and account ${id} is disabled`);
    else if (!isAsWanted(person, account.attributes))
      problems.push(`${person.anchor} is ${JSON.stringify(person)}, but the account ${JSON.stringify(account.attributes)}`);
    else if (!owners.has(person.boss ?? '') && isCrowdedOut(source.people.get(person.boss ?? ''), events, target)) continue;
    else problems.push(...checkManager(person, account.attributes['manager'], source, (anchor) => owners.get(anchor)));
  }
  return problems;
}

function checkManager(
  person: Person,
  manager: unknown,
  source: Source,
  accountsOf: (anchor: string) => readonly string[] | undefined,
): string[] {
  const { anchor, boss } = person;
  const held = manager ?? null;
  const wanted = managerOf(person, source, (of) => accountsOf(of)?.[0]);
  if (wanted === null || held === wanted.id) return [];
  if (boss === undefined) return [`${anchor} has no manager, but the account says ${String(held)}`];
  return [`the manager of ${anchor} is ${boss}, whose account is ${String(wanted.id)}, but the account says ${String(held)}`];
}

/**
 * The account that somebody's reference has to lead to: of whoever the source names, and nobody's when nobody is named.
 * @returns null while there is no such account: the reference stays as it is
 */
export function managerOf(
  { anchor, boss }: Person,
  source: Source,
  accountOf: (anchor: string) => string | undefined,
): { readonly id: string | null | undefined } | null {
  if (boss === undefined) return { id: null };
  return boss === anchor || !source.isWanted(boss) || isInCircle(anchor, source) ? null : { id: accountOf(boss) };
}

/** Whether whoever the source names leads back to the person: whether that is written depends on who of them has an account. */
function isInCircle(anchor: string, { people }: Source): boolean {
  const above = new Set<string>();
  for (let boss = people.get(anchor)?.boss; boss !== undefined && !above.has(boss); boss = people.get(boss)?.boss) above.add(boss);
  return above.has(anchor);
}

function checkGroups(events: readonly LogEvent[], source: Source, target: Target): string[] {
  const kept = rejectedObjects(events);
  const keptMembers = rejectedMembers(events);
  const ties = tiesIn(events);
  const problems: string[] = [];
  const owners = new Map<string, string[]>();
  for (const [id, { attributes }] of target.inGroups.groups) {
    if (ties.letGo.has(id)) continue;
    const anchor = ties.chosenHolder(id) ?? String(attributes['externalId']);
    owners.set(anchor, [...(owners.get(anchor) ?? []), id]);
  }
  for (const [anchor, ids] of owners) {
    if (ids.length > 1) problems.push(`${anchor} has ${ids.length} groups: ${ids.join(', ')}`);
    if (!source.groups.has(anchor) && !kept.has(anchor) && !ids.every((id) => ties.isUnheardOf(id, anchor)))
      problems.push(`${anchor} is gone from the source and is still group ${ids.join()}`);
  }
  const isPutIn = (group: string, member: string): boolean =>
    [...target.putInByHand].some((pair) => pair.startsWith(`${group} `) && target.anchorOf(pair.slice(group.length + 1)) === member);
  const isThere = (anchor: string): boolean => {
    if (anchor.startsWith('G')) return source.groups.has(anchor);
    return source.isWanted(anchor) && !isCrowdedOut(source.people.get(anchor), events, target);
  };
  for (const { anchor, name, changedIn, members } of source.groups.values()) {
    const [id] = owners.get(anchor) ?? [];
    const held = id === undefined ? undefined : target.inGroups.groups.get(id)!;
    if (isGroupCrowdedOut({ anchor, name }, events, target)) continue;
    if (!held) {
      problems.push(`there is no group for ${anchor}`);
      continue;
    }
    if (held.attributes['displayName'] !== name || held.attributes['title'] !== `v${changedIn}`)
      problems.push(`${anchor} is "${name}" of version ${changedIn}, but the group ${JSON.stringify(held.attributes)}`);
    if (!held.members.has(somebodyElse)) problems.push(`${anchor} has lost the member whom somebody else added`);
    const counted = [...held.members].filter((member) => member !== somebodyElse && !ties.letGo.has(member));
    const there = new Set(counted.map((member) => target.anchorOf(member) ?? member));
    for (const member of members)
      if (isThere(member) && !there.has(member)) problems.push(`${member} belongs to ${anchor} and is not in it`);
    for (const member of there) {
      const isWantedThere = members.has(member) && isThere(member);
      const wasLeftThere = [...held.members].some((id) => target.anchorOf(id) === member && ties.abandoned.has(id));
      if (
        !isWantedThere &&
        !wasLeftThere &&
        !isPutIn(id!, member) &&
        !ties.abandoned.has(id!) &&
        !kept.has(member) &&
        !keptMembers.has(`${anchor} ${member}`)
      )
        problems.push(`${member} does not belong to ${anchor} and is in it`);
    }
  }
  return problems;
}

/**
 * Whether the user name that a person has now belongs to an account that is not his and stays: of somebody whose removal was rejected, or one that was let go
 * or given to somebody else by hand. The person has to wait, or there are two of that name and nobody can say whose they are.
 */
export function isCrowdedOut(person: Person | undefined, events: readonly LogEvent[], target: Target): boolean {
  if (!person) return false;
  const kept = rejectedObjects(events);
  const isKept = [...target.accounts.values()].some(
    ({ attributes }) =>
      attributes['userName'] === person.userName &&
      attributes['externalId'] !== person.anchor &&
      kept.has(String(attributes['externalId'])),
  );
  const ties = tiesIn(events);
  const own = ties.accountOf.get(`user:${person.anchor}`);
  return isKept || isNameLetGo({ attribute: 'userName', value: person.userName, but: own }, target.accounts, ties);
}

/** Whether the name of a group belongs to one that was let go or given to another one by hand. */
export function isGroupCrowdedOut(group: Pick<Group, 'anchor' | 'name'> | undefined, events: readonly LogEvent[], target: Target): boolean {
  if (!group) return false;
  const ties = tiesIn(events);
  const own = ties.accountOf.get(keyOf(group.anchor));
  return isNameLetGo({ attribute: 'displayName', value: group.name, but: own }, target.inGroups.groups, ties);
}

function isNameLetGo(
  { attribute, value, but }: { readonly attribute: string; readonly value: string; readonly but: string | undefined },
  held: ReadonlyMap<string, { readonly attributes: Readonly<Record<string, unknown>> }>,
  { letGo, chosenFor }: Ties,
): boolean {
  return [...held].some(([id, { attributes }]) => id !== but && (letGo.has(id) || chosenFor.has(id)) && attributes[attribute] === value);
}

/** Objects whose removal somebody rejected: they may stay, until they are wanted again or something is written of them. */
export function rejectedObjects(events: readonly LogEvent[]): Set<string> {
  const rejected = new Set<string>();
  for (const event of events) {
    if (is(event, RemovalRejected) && !event.data.part) rejected.add(anchorIn(event.data.objectKey));
    const isBack = is(event, RuleEvaluated) && !event.data.part && ['create', 'update', 'unchanged'].includes(event.data.action);
    const isWritten = is(event, ObjectExported) && !event.data.part;
    if (isBack || isWritten) rejected.delete(anchorIn((event.data as { objectKey: string }).objectKey));
  }
  return rejected;
}

/** Memberships whose end somebody rejected, as group and member. */
export function rejectedMembers(events: readonly LogEvent[]): Set<string> {
  const pairs = events.flatMap((event) =>
    is(event, RemovalRejected)
      ? (event.data.members?.remove ?? []).map(({ key }) => `${anchorIn(event.data.objectKey)} ${anchorIn(key)}`)
      : [],
  );
  return new Set(pairs);
}

const isAsWanted = ({ userName, changedIn }: Person, attributes: Record<string, unknown>): boolean =>
  attributes['userName'] === userName && attributes['title'] === `v${changedIn}`;

/**
 * Nothing is left to try, but for records of people who are not there any more and have no account either; and while somebody's account is deleted by hand, for
 * him and for groups.
 */
export function checkEscrows(events: readonly LogEvent[], source: Source, target: Target): string[] {
  const { accountOf } = tiesIn(events);
  return openEscrows(events)
    .filter((objectKey) => !target.isDeletedByHand(objectKey))
    .filter((objectKey) => !isWithDeleted(source.groups.get(anchorIn(objectKey)), target))
    .filter((objectKey) => !isCrowdedOut(source.people.get(anchorIn(objectKey)), events, target))
    .filter((objectKey) => !isGroupCrowdedOut(source.groups.get(anchorIn(objectKey)), events, target))
    .filter((objectKey) => source.people.has(anchorIn(objectKey)) || source.groups.has(anchorIn(objectKey)) || accountOf.has(objectKey))
    .map((objectKey) => `${objectKey} is still in escrow`);
}

const isWithDeleted = (group: Group | undefined, target: Target): boolean =>
  [...(group?.members ?? [])].some((anchor) => target.isDeletedByHand(keyOf(anchor)));
