/**
 * What a removal takes away. `disable`, `delete`: an account. `membership`: members that leave a group. `group-membership`: the same, of a group that
 * loses more of its members at once than the job allows.
 */
export const removalKinds = ['disable', 'delete', 'membership', 'group-membership'] as const;
export type RemovalKind = (typeof removalKinds)[number];

/** How many removals there are of each kind; none of those that are absent. */
export type RemovalCounts = Readonly<Partial<Record<RemovalKind, number>>>;

/** How many members a group loses in a cycle, of how many, and whether that is more than the job allows. */
export interface MembersGuard {
  readonly removed: number;
  readonly of: number;
  readonly over: boolean;
}

/** Which kind of removal a decision is; null when it removes nothing that is weighed. */
export function removalKindOf(decision: { readonly action: string; readonly guard?: MembersGuard | undefined }): RemovalKind | null {
  if (decision.action === 'disable' || decision.action === 'delete') return decision.action;
  if (decision.guard === undefined) return null;
  return decision.guard.over ? 'group-membership' : 'membership';
}

export const countOfRemovals = (counts: RemovalCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The sum of both, kind by kind; kinds without any are absent. */
export function addRemovals(one: RemovalCounts, other: RemovalCounts): RemovalCounts {
  const sums = removalKinds.map((kind) => [kind, (one[kind] ?? 0) + (other[kind] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}

/** Those of some kinds alone. */
export function onlyKinds(counts: RemovalCounts, kinds: readonly RemovalKind[]): RemovalCounts {
  return Object.fromEntries(kinds.flatMap((kind) => (counts[kind] ? [[kind, counts[kind]] as const] : [])));
}

/** Code of the reason with which members who were held stop waiting, because they were released and are looked at anew. */
export const releasedCode = 'removal-released';
