import { openEscrows } from '@provident/bus/testing/check-log';
import { is, LinkRepaired, type LogEvent, ObjectExported, RuleEvaluated } from '@provident/contracts';

import type { Group } from '../groups.js';
import { isCrowdedOut, isGroupCrowdedOut, managerOf, rejectedMembers, rejectedObjects } from '../judge.js';
import type { Person } from '../people.js';
import type { Source } from '../ports/sim-source.js';
import type { Target } from '../ports/sim-target.js';
import { anchorIn, keyOf, tiesIn } from '../ties.js';

/** What a look for changes by hand has to tell. */
export interface Differences {
  /** By the object's key: what is with the account, and the names of what differs. */
  readonly accounts: ReadonlyMap<string, string>;
  /** Of whom anything may be told: what failed is tried again, and rejected is what somebody wants to stay. */
  readonly excused: ReadonlySet<string>;
  /** Of whose manager anything may be told: he has no account, or leads back to them. */
  readonly unmanaged: ReadonlySet<string>;
  /** Group and member, by their keys. */
  readonly missing: ReadonlySet<string>;
  readonly added: ReadonlySet<string>;
  /**
   * Who is there because somebody put them in, or gave them an account by hand that was another's and a member: also of people who are not wanted any more.
   * Of these it may be told.
   */
  readonly putIn: ReadonlySet<string>;
  /** Who is not in a group that has him, and is not wanted any more, but whose removal was rejected: of these it may be told too. */
  readonly kept: ReadonlySet<string>;
}

/** What there is to compare. */
interface Views {
  readonly events: readonly LogEvent[];
  readonly source: Source;
  readonly target: Target;
  readonly accountOf: ReadonlyMap<string, string>;
  readonly waiting: ReadonlySet<string>;
}

/** Compares source and target while nothing moves, in words of its own. @param withGroups whether the target has groups */
export function differencesIn(events: readonly LogEvent[], source: Source, target: Target, withGroups: boolean): Differences {
  const views = { events, source, target, accountOf: tiesIn(events).accountOf, waiting: new Set(openEscrows(events)) };
  const rejected = rejectedObjects(events);
  const accounts = new Map<string, string>();
  const excused = new Set<string>();
  const unmanaged = new Set<string>();
  const compare = (anchor: string, isCrowded: boolean, difference: () => string | null): void => {
    const key = keyOf(anchor);
    if (!views.accountOf.has(key) || views.waiting.has(key) || rejected.has(anchor) || isCrowded) return void excused.add(key);
    const differs = difference();
    if (differs !== null) accounts.set(key, differs);
  };
  for (const person of source.people.values()) {
    if (managerOf(person, source, () => undefined) === null) unmanaged.add(keyOf(person.anchor));
    compare(person.anchor, isCrowdedOut(person, events, target), () => ofPerson(person, views));
  }
  if (withGroups)
    for (const group of source.groups.values())
      compare(group.anchor, isGroupCrowdedOut(group, events, target), () => ofGroup(group, views));
  return { accounts, excused, unmanaged, ...(withGroups ? ofMembers(views) : noMembers) };
}

function ofPerson(person: Person, { events, source, target, accountOf }: Views): string | null {
  const { anchor, changedIn, userName } = person;
  const key = keyOf(anchor);
  const account = target.accounts.get(accountOf.get(key)!);
  if (!source.isWanted(anchor)) return account?.isActive && isDisabledByJob(key, events) ? 'enabled' : null;
  if (!account) return 'vanished';
  const manager = source.groupVersions.length > 0 ? managerOf(person, source, (of) => accountOf.get(keyOf(of))) : null;
  const isKnown = manager !== null && manager.id !== undefined; // who waits for his manager's account keeps what is there
  const expected = { externalId: anchor, ...(isKnown && { manager: manager.id }), title: `v${changedIn}`, userName };
  const differing = differingIn(expected, account.attributes);
  return account.isActive && differing.length === 0 ? null : [account.isActive ? 'differs' : 'disabled', ...differing].join(' ');
}

function ofGroup({ anchor, name, changedIn }: Group, { target, accountOf }: Views): string | null {
  const held = target.inGroups.groups.get(accountOf.get(keyOf(anchor))!);
  if (!held) return 'vanished';
  const differing = differingIn({ displayName: name, externalId: anchor, title: `v${changedIn}` }, held.attributes);
  return differing.length === 0 ? null : ['differs', ...differing].join(' ');
}

/** @param expected in the order of their names */
const differingIn = (expected: Readonly<Record<string, unknown>>, held: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(expected).flatMap(([name, value]) => ((held[name] ?? null) === value ? [] : [name]));

type OfMembers = Pick<Differences, 'missing' | 'added' | 'putIn' | 'kept'>;
const noMembers: OfMembers = { missing: new Set(), added: new Set(), putIn: new Set(), kept: new Set() };

function ofMembers({ events, source, target, accountOf, waiting }: Views): OfMembers {
  const [missing, added, putIn, kept] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const [rejected, rejectedFrom] = [rejectedObjects(events), rejectedMembers(events)];
  const { abandoned } = tiesIn(events);
  for (const group of source.groups.values()) {
    const key = keyOf(group.anchor);
    const held = target.inGroups.groups.get(accountOf.get(key) ?? '');
    if (!held || waiting.has(key)) continue;
    for (const anchor of group.members) {
      const id = accountOf.get(keyOf(anchor));
      if (id === undefined || waiting.has(keyOf(anchor))) continue;
      if (held.members.has(id)) continue;
      const isThere = anchor.startsWith('G') ? target.inGroups.groups.has(id) : target.accounts.has(id) && source.isWanted(anchor);
      if (isThere) missing.add(`${key} ${keyOf(anchor)}`);
      else if (rejected.has(anchor)) kept.add(`${key} ${keyOf(anchor)}`);
    }
    for (const [member, id] of accountOf) {
      if (!held.members.has(id)) continue;
      const wasPutIn = target.putInByHand.has(`${accountOf.get(key)} ${id}`);
      if (wasPutIn || wasGivenByHand(member, id, events) || abandoned.has(id)) putIn.add(`${key} ${member}`);
      if (!wasPutIn || rejectedFrom.has(`${group.anchor} ${anchorIn(member)}`)) continue;
      if (!group.members.has(anchorIn(member)) && source.isWanted(anchorIn(member))) added.add(`${key} ${member}`);
    }
  }
  return { missing, added, putIn, kept };
}

const wasGivenByHand = (objectKey: string, targetId: string, events: readonly LogEvent[]): boolean =>
  events.some((event) => is(event, LinkRepaired) && event.data.objectKey === objectKey && event.data.targetId === targetId);

/** Whether the last thing that the job did to an account's state was to disable it, or to find that somebody had. */
function isDisabledByJob(objectKey: string, events: readonly LogEvent[]): boolean {
  const last = events.findLast(
    (event) =>
      (is(event, RuleEvaluated) && event.data.objectKey === objectKey && event.data.reason.code === 'already-disabled') ||
      (is(event, ObjectExported) &&
        event.data.objectKey === objectKey &&
        !event.data.part &&
        (event.data.action !== 'update' || event.data.enabled)),
  );
  return last !== undefined && (is(last, RuleEvaluated) || (is(last, ObjectExported) && last.data.action === 'disable'));
}

export const sameDifferences = (one: Differences, other: Differences): boolean => textOf(one) === textOf(other);
const textOf = ({ accounts, missing, added }: Differences): string =>
  JSON.stringify([[...accounts].sort(), [...missing].sort(), [...added].sort()]);
