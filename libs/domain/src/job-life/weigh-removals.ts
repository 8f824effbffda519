import type { JobDefinition } from '../job/job-definition.js';
import type { MembersGuard, RemovalCounts, RemovalKind } from './removal-kind.js';

export type RemovalLimits = JobDefinition['thresholds']['removals'];

/** More than `count` are too many; so is a larger share than `percent`, unless they are no more than `atLeast`. */
export interface RemovalLimit {
  readonly count: number;
  readonly percent: number;
  readonly atLeast: number;
}

/** A limit that removals are weighed by: all of accounts together, each kind alone, and how much of the source is gone. */
export type RemovalGuardName = 'removals' | 'disables' | 'deletes' | 'memberships' | 'group' | 'source';

/** A guard that holds removals, with its numbers. */
export interface RemovalGuard {
  readonly guard: RemovalGuardName;
  /** What it holds. */
  readonly kinds: readonly RemovalKind[];
  readonly proposed: number;
  /** What `proposed` is a share of. */
  readonly of: number;
  /** The limit that was passed, and in which unit. */
  readonly limit: number;
  readonly unit: 'count' | 'percent';
  /** All of it in a line, such as "14 of 52 members, limit 10 %". */
  readonly text: string;
}

/** How much of one kind of object is gone from the source. */
export interface Shrunk {
  readonly type: string;
  /** Objects that this cycle found gone. */
  readonly gone: number;
  /** Those and the ones that are there now. */
  readonly known: number;
}

/** What the removals of a cycle are weighed against. */
export interface RemovalScales {
  /** Accounts that were in step. */
  readonly linked: number;
  /** Memberships in the target through this job. */
  readonly members?: number;
  readonly shrunk?: readonly Shrunk[];
}

/** What is weighed: removals by kind, members that leave any group, and the group that loses the largest share. */
export interface ProposedRemovals {
  readonly kinds: RemovalCounts;
  readonly members?: number;
  readonly worstGroup?: Omit<MembersGuard, 'over'> | null;
}

type OwnLimit = 'disables' | 'deletes' | 'memberships' | 'source';

/** A kind's own limits; what it does not say, the general ones do. */
export function limitOf(own: OwnLimit, { count, percent, atLeast, ...kinds }: RemovalLimits): RemovalLimit {
  const given = Object.fromEntries(Object.entries(kinds[own] ?? {}).filter(([, value]) => value !== undefined));
  return { count, percent, atLeast, ...given };
}

/** By which of its numbers a limit is passed; null when it is not. */
function passed(part: number, whole: number, { count, percent, atLeast }: RemovalLimit): Pick<RemovalGuard, 'limit' | 'unit'> | null {
  if (part > count) return { limit: count, unit: 'count' };
  return part > atLeast && part * 100 > percent * whole ? { limit: percent, unit: 'percent' } : null;
}

/** How many members a group loses, and whether so large a share of it needs a person. The number alone is weighed over all groups of a cycle. */
export function weighGroup({ removed, of }: Omit<MembersGuard, 'over'>, limits: RemovalLimits): MembersGuard {
  const share = { ...limitOf('memberships', limits), count: Infinity };
  return { removed, of, over: passed(removed, of, share) !== null };
}

/**
 * The guards that hold removals of a cycle; none when all of them may be done. A guard of one kind holds that kind alone; the general one holds
 * accounts; a source that has shrunk too much holds everything, whatever it is.
 */
export function weighRemovals(
  { kinds, members = 0, worstGroup }: ProposedRemovals,
  scales: RemovalScales,
  limits: RemovalLimits,
): RemovalGuard[] {
  const { linked, members: inGroups = members, shrunk = [] } = scales;
  const disables = kinds.disable ?? 0;
  const deletes = kinds.delete ?? 0;
  const guards: RemovalGuard[] = [];
  const weigh = (
    guard: RemovalGuardName,
    held: readonly RemovalKind[],
    proposed: number,
    of: number,
    what: string,
    limit: RemovalLimit,
  ): void => {
    const found = passed(proposed, of, limit);
    const present = held.filter((kind) => kinds[kind]);
    if (found && present.length > 0)
      guards.push({ guard, kinds: present, proposed, of, ...found, text: textOf(proposed, of, what, found) });
  };
  weigh('removals', accountKinds, disables + deletes, linked, 'accounts', limits);
  if (limits.disables) weigh('disables', ['disable'], disables, linked, 'accounts to disable', limitOf('disables', limits));
  if (limits.deletes) weigh('deletes', ['delete'], deletes, linked, 'accounts to delete', limitOf('deletes', limits));
  weigh('memberships', memberKinds, members, inGroups, 'memberships', limitOf('memberships', limits));
  if (kinds['group-membership']) guards.push(groupGuard(worstGroup, limitOf('memberships', limits)));
  for (const { type, gone, known } of shrunk)
    weigh('source', [...accountKinds, ...memberKinds], gone, known, `${type}s gone from the source`, {
      ...limitOf('source', limits),
      count: Infinity,
    });
  return guards;
}

const accountKinds: readonly RemovalKind[] = ['disable', 'delete'];
const memberKinds: readonly RemovalKind[] = ['membership', 'group-membership'];

function groupGuard(worst: ProposedRemovals['worstGroup'], { percent }: RemovalLimit): RemovalGuard {
  const { removed, of } = worst ?? { removed: 0, of: 0 };
  const found = { limit: percent, unit: 'percent' } as const;
  return { guard: 'group', kinds: ['group-membership'], proposed: removed, of, ...found, text: textOf(removed, of, 'members', found) };
}

const numbers = new Intl.NumberFormat('en-GB');
const said = (number: number): string => numbers.format(number);

const textOf = (proposed: number, of: number, what: string, { limit, unit }: Pick<RemovalGuard, 'limit' | 'unit'>): string =>
  unit === 'percent'
    ? `${said(proposed)} of ${said(of)} ${what}, limit ${said(limit)} %`
    : `${said(proposed)} ${what}, limit ${said(limit)}`;

/** The kinds that some guard holds. */
export const heldKinds = (guards: readonly RemovalGuard[]): ReadonlySet<RemovalKind> => new Set(guards.flatMap(({ kinds }) => kinds));
