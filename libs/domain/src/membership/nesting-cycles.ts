import type { ObjectKey } from '../object/ids.js';

/** A group that is a member of another. */
export interface Nesting {
  readonly group: ObjectKey;
  readonly member: ObjectKey;
}

/**
 * The nestings that make a group contain itself, directly or by way of others. None of them closes the circle more than the others do, so all of a
 * circle are named: the answer does not depend on the order in which they come. Takes time and memory in proportion to their number.
 */
export function nestingCycles(nestings: readonly Nesting[]): Nesting[] {
  const circleOf = circles(nestings);
  return nestings.filter(({ group, member }) => circleOf.get(group) === circleOf.get(member));
}

interface Visit {
  readonly group: ObjectKey;
  readonly members: readonly ObjectKey[];
  next: number;
}

/** Groups that contain each other share a number (Tarjan's strongly connected components, without recursion: nesting may be deep). */
function circles(nestings: readonly Nesting[]): ReadonlyMap<ObjectKey, number> {
  const membersOf = new Map<ObjectKey, ObjectKey[]>();
  for (const { group, member } of nestings) {
    const members = membersOf.get(group);
    if (members) members.push(member);
    else membersOf.set(group, [member]);
  }
  const order = new Map<ObjectKey, number>();
  const lowest = new Map<ObjectKey, number>();
  const circleOf = new Map<ObjectKey, number>();
  const open: ObjectKey[] = [];
  const path: Visit[] = [];

  const enter = (group: ObjectKey): void => {
    order.set(group, order.size);
    lowest.set(group, order.get(group)!);
    open.push(group);
    path.push({ group, members: membersOf.get(group) ?? [], next: 0 });
  };
  const lower = (group: ObjectKey, to: number): void => void lowest.set(group, Math.min(lowest.get(group)!, to));
  const leave = ({ group }: Visit): void => {
    path.pop();
    const outer = path.at(-1);
    if (outer) lower(outer.group, lowest.get(group)!);
    if (lowest.get(group) !== order.get(group)) return;
    for (let closed: ObjectKey | undefined; closed !== group; ) {
      closed = open.pop()!;
      circleOf.set(closed, order.get(group)!);
    }
  };

  for (const start of membersOf.keys()) {
    if (order.has(start)) continue;
    enter(start);
    for (let visit = path.at(-1); visit; visit = path.at(-1)) {
      const member = visit.members[visit.next++];
      if (member === undefined) leave(visit);
      else if (!order.has(member)) enter(member);
      else if (!circleOf.has(member)) lower(visit.group, order.get(member)!);
    }
  }
  return circleOf;
}
