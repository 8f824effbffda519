import { ConnectorError } from '@provident/connectors';
import { type Member, type ObjectKey, partsOf } from '@provident/domain';

import type { KnownMember, MembershipIndex } from '../state/membership-index.js';
import { type OpenSystems, systemsFor } from '../systems.js';
import { AskedAccounts, stopsImport } from './accounts.js';

/** A group with an account. */
interface LinkedGroup {
  readonly objectKey: ObjectKey;
  readonly targetId: string | null;
}

/** Whose membership in a group somebody changed in the target. */
export interface DriftedMembers {
  /** Who belongs to it, was written into it, and is not there any more, although the account is. */
  readonly missing: readonly Member[];
  /** Who has an account of this job and is there, although neither the source says so nor the job wrote it. Of others nothing is said. */
  readonly added: readonly Member[];
}

export interface DriftedMembersPorts {
  readonly systems: OpenSystems;
  readonly memberships: MembershipIndex;
  readonly folded: () => Promise<void>;
  readonly signal: AbortSignal;
}

type Settled = KnownMember & Member;

const atOnce = 500;

/**
 * Compares who is in a group of the target with what was written into it. What is on its way, or will be written anyway, is no part of it.
 * @returns null when the target does not tell who is in the group
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function compareMembers(group: LinkedGroup, ports: DriftedMembersPorts): Promise<DriftedMembers | null> {
  const { memberships, folded } = ports;
  const known = await memberships.listMembersOf(group.objectKey);
  const told = await askForMembers(group, ports);
  if (told === null) return null;
  const there = new Set(told);
  const missing = known.filter((each): each is Settled => each.settled && each.id !== null && !there.has(each.id));
  for (const { id, isOwn } of known) if (id !== null && isOwn) there.delete(id);
  const added = await inParts([...there], (some) => memberships.findUnknownMembers(group.objectKey, some));
  if (missing.length + added.length === 0) return { missing, added };
  // While the target was asked, something may have been written or said: what counts was so before and is so now.
  await folded();
  const now = new Map((await memberships.listMembersOf(group.objectKey)).map((each) => [each.key, each]));
  const still = missing.filter(({ key, id }) => now.get(key)?.settled && now.get(key)!.id === id);
  return { missing: await inParts(still, (some) => withAccounts(some, ports)), added: added.filter(({ key }) => !now.has(key)) };
}

async function askForMembers({ targetId }: LinkedGroup, { systems, signal }: DriftedMembersPorts): Promise<readonly string[] | null> {
  const { gate, target, mapping } = systemsFor(systems, 'group')!;
  try {
    return await gate.pass(() => target.members(mapping.target, targetId!, signal), signal);
  } catch (error) {
    // A group may have more members than an answer may hold: that is no reason to give up all others.
    if (stopsImport(error) && !(error instanceof ConnectorError && error.facts.code === 'answer-too-large')) throw error;
    return null;
  }
}

/** Those whose accounts are there: of the others it is told that they are gone, and nobody can make them members. */
async function withAccounts(members: readonly Member[], { systems, signal }: DriftedMembersPorts): Promise<Member[]> {
  const found = await Promise.all(
    members.map(async ({ key, id }) => {
      const typed = systemsFor(systems, partsOf(key).objectType);
      return typed !== undefined && (await new AskedAccounts(typed, signal).byId(id)) !== null;
    }),
  );
  return members.filter((_, at) => found[at]).map(({ key, id }) => ({ key, id }));
}

async function inParts<Item, Found>(items: readonly Item[], find: (some: readonly Item[]) => Promise<readonly Found[]>): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < items.length; at += atOnce) found.push(...(await find(items.slice(at, at + atOnce))));
  return found;
}
