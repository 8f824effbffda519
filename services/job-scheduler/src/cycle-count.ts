import type { Brief, BriefOutcome, Failure } from '@provident/contracts';
import { addRemovals, type Outcomes, type RemovalCounts, type RemovalKind } from '@provident/domain';

/** Outcomes of one cycle so far. Retries from escrow are no part of it. */
export interface CycleCount {
  /** Objects that the rules were applied to. */
  readonly evaluated: number;
  /** Removals that the rules want. */
  readonly removals: RemovalCounts;
  /** Members among them that leave groups, and the group that loses the largest share. */
  readonly members: number;
  readonly worstGroup: { readonly removed: number; readonly of: number } | null;
  readonly outcomes: Outcomes;
  /** Writes that the target refused because of the connection and not of the object, by kind. */
  readonly connectionFailures: Readonly<Partial<Record<Failure['kind'], number>>>;
}

export const nothingCounted: CycleCount = {
  evaluated: 0,
  removals: {},
  members: 0,
  worstGroup: null,
  outcomes: { created: 0, updated: 0, disabled: 0, deleted: 0, skipped: 0, unchanged: 0, escrowed: 0, held: 0 },
  connectionFailures: {},
};

const additions: Readonly<Record<BriefOutcome, Partial<Outcomes>>> = {
  proposed: {},
  'proposed-removal': {},
  'proposed-disable': {},
  'proposed-delete': {},
  'proposed-membership': {},
  'proposed-group-membership': {},
  deferred: {},
  other: {},
  skip: { skipped: 1 },
  unchanged: { unchanged: 1 },
  failed: { escrowed: 1 },
  create: { created: 1 },
  update: { updated: 1 },
  held: { held: 1 },
  // A removal was held before it was anything else.
  disable: { disabled: 1, held: -1 },
  delete: { deleted: 1, held: -1 },
  membership: { updated: 1, held: -1 },
  'removal-failed': { escrowed: 1, held: -1 },
  'removal-deferred': { held: -1 },
  withdrawn: { held: -1, skipped: 1 },
  rejected: { held: -1, skipped: 1 },
};

/** What a decision proposes to remove. Versions that did not tell kinds apart knew of accounts alone. */
const proposals: Readonly<Partial<Record<BriefOutcome, RemovalKind>>> = {
  'proposed-removal': 'disable',
  'proposed-disable': 'disable',
  'proposed-delete': 'delete',
  'proposed-membership': 'membership',
  'proposed-group-membership': 'group-membership',
};

const decisions: ReadonlySet<BriefOutcome> = new Set(['proposed', 'skip', 'unchanged', ...(Object.keys(proposals) as BriefOutcome[])]);
const aboutConnection: ReadonlySet<string> = new Set<Failure['kind']>([
  'unauthorized',
  'forbidden',
  'unavailable',
  'protocol',
  'misconfigured',
  'unknown-outcome',
]);

/** The count after one more event of the cycle. Pure. @param byRules whether the rule-evaluator said it */
export function countBrief(count: CycleCount, brief: Brief, byRules: boolean): CycleCount {
  if (brief.attempt > 0) return count;
  const isDecision = brief.round === 0 && (decisions.has(brief.outcome) || (byRules && brief.outcome === 'failed'));
  const { failure } = brief;
  const counted = aboutConnection.has(failure) && !byRules;
  return {
    evaluated: count.evaluated + (isDecision ? 1 : 0),
    ...(isDecision ? removalsAfter(count, brief) : removalsOf(count)),
    outcomes: add(count.outcomes, additions[brief.outcome]),
    connectionFailures: counted
      ? { ...count.connectionFailures, [failure]: (count.connectionFailures[failure as Failure['kind']] ?? 0) + 1 }
      : count.connectionFailures,
  };
}

const removalsOf = ({ removals, members, worstGroup }: CycleCount): Pick<CycleCount, 'removals' | 'members' | 'worstGroup'> => ({
  removals,
  members,
  worstGroup,
});

function removalsAfter(count: CycleCount, { outcome, leaving }: Brief): Pick<CycleCount, 'removals' | 'members' | 'worstGroup'> {
  const kind = proposals[outcome];
  if (!kind) return removalsOf(count);
  return {
    removals: addRemovals(count.removals, { [kind]: 1 }),
    members: count.members + (leaving?.here ?? 0),
    worstGroup: leaving && losesMore(leaving, count.worstGroup) ? { removed: leaving.removed, of: leaving.of } : count.worstGroup,
  };
}

type Losing = { readonly removed: number; readonly of: number };
const losesMore = (one: Losing, other: Losing | null): boolean => other === null || one.removed * other.of > other.removed * one.of;

/** A count that an earlier version has kept in the middle of a cycle. */
export function withDefaults(kept: CycleCount & { readonly proposedRemovals?: number }): CycleCount {
  const { proposedRemovals = 0, ...count } = kept;
  return { ...nothingCounted, ...(proposedRemovals > 0 && { removals: { disable: proposedRemovals } }), ...count };
}

function add(outcomes: Outcomes, more: Partial<Outcomes>): Outcomes {
  const sum: Record<keyof Outcomes, number> = { ...outcomes };
  for (const [name, by] of Object.entries(more)) sum[name as keyof Outcomes] += by;
  return sum;
}

/** The commonest failure of the connection that the cycle's writes met. */
function worstOf({ connectionFailures }: CycleCount): { kind: Failure['kind']; times: number } | null {
  const [worst] = Object.entries(connectionFailures).sort(([, one], [, other]) => other - one);
  return worst ? { kind: worst[0] as Failure['kind'], times: worst[1] } : null;
}

/** A failure of the whole target that the cycle's writes met, if any: bad credentials at once, anything else when no write went through. */
export function connectionFailureOf(count: CycleCount): Failure | null {
  const { connectionFailures, outcomes } = count;
  const unauthorized = connectionFailures.unauthorized ?? 0;
  if (unauthorized > 0)
    return { kind: 'unauthorized', code: 'target-unauthorized', message: `the target refused the credentials of ${unauthorized} write(s)` };
  const worst = worstOf(count);
  const written = outcomes.created + outcomes.updated + outcomes.disabled + outcomes.deleted;
  if (!worst || written > 0) return null;
  const message = `none of the cycle's writes went through; ${worst.times} failed because the target was ${worst.kind}`;
  return { kind: worst.kind, code: `target-${worst.kind}`, message };
}

/** What most of the failures were about, as the end of a sentence; empty when they were about the objects themselves. */
export function mostlyBecause(count: CycleCount): string {
  const worst = worstOf(count);
  return worst && worst.times * 2 > count.outcomes.escrowed ? `; ${worst.times} of them because the target was ${worst.kind}` : '';
}
