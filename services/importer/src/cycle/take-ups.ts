import { type ObjectKey, assignmentAttributes } from '@provident/domain';

import type { KnownObject } from '../state/source-index.js';
import type { MembersCursor } from './cycle-cursor.js';
import { type CycleWork, mostPerAppend } from './cycle-work.js';
import type { Candidate } from './import-objects.js';

/** Takes up accounts of the kind at hand that a retry found to be unwanted: removals are counted in cycles only. */
export async function takeUpLate(work: CycleWork, cursor: MembersCursor): Promise<void> {
  const { index, folded } = work.ports;
  const { type } = work.kind.mapping;
  const listFrom = (after: string, limit: number) => index.listLate(work.cycleId, type, after, limit);
  if ((await listFrom('', 1)).length === 0) return;
  await folded(); // otherwise what this cycle has imported a moment ago would come twice
  for (let after = ''; ; ) {
    const { basis } = work.seenNow([]); // before they are listed: a link that a person sets in between must not count as known
    const late = await listFrom(after, mostPerAppend);
    if (late.length === 0) return;
    after = late.at(-1)!.objectKey;
    const seen = { ...work.knownNow(late.map(({ objectKey }) => objectKey)), basis };
    await work.say(
      late.map((known) => work.onceMore(known)),
      cursor,
      seen,
    );
  }
}

/**
 * Takes up those who came into the groups that the scope looks at, or left them, without having changed themselves: no delta tells of them.
 * @returns how many are left for the next cycle, since this one has taken them up already
 */
export async function takeUpMoved(work: CycleWork, cursor: MembersCursor): Promise<number> {
  const { index, folded, signal } = work.ports;
  const { kind } = work;
  const { source, mapping } = kind.systems;
  const names = assignmentAttributes(mapping);
  if (names.length === 0) return 0;
  await folded(); // who was imported a moment ago has not moved since
  kind.asking = 'source';
  const moved = await source.findMoved(mapping.type, names, signal);
  kind.asking = 'target';
  const keys = [...moved.keys()].sort();
  let left = 0;
  for (let from = 0; from < keys.length; from += mostPerAppend) {
    const some: ObjectKey[] = keys.slice(from, from + mostPerAppend);
    const seen = work.knownNow(some);
    const known = [...(await index.findObjects(some)).values()];
    const present = known.filter((each) => !each.deleted && each.hash !== null);
    const movers = present.filter((each) => each.cycleId !== work.cycleId);
    left += present.length - movers.length;
    await work.say(
      movers.map((each) => movedCandidate(work.again(each), moved.get(each.objectKey)!)),
      cursor,
      seen,
    );
    await work.betweenPages();
  }
  return left;
}

function movedCandidate(known: Candidate, belonging: KnownObject['attributes']): Candidate {
  const attributes = Object.entries({ ...known.attributes, ...belonging }).filter(
    ([name, value]) => !(name in belonging) || value === true,
  );
  return { ...known, change: 'updated', attributes: Object.fromEntries(attributes) };
}
