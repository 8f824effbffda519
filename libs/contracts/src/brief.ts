import { type CycleId, type MembersGuard, type RemovalKind, removalKindOf } from '@provident/domain';

/** What became of one object in one cycle, in a word. Stands in a header of its event, so that counting needs no body. */
export type BriefOutcome =
  // by the rule-evaluator
  | 'proposed'
  | 'proposed-disable'
  | 'proposed-delete'
  | 'proposed-membership'
  | 'proposed-group-membership'
  /** By versions that did not tell them apart. */
  | 'proposed-removal'
  | 'skip'
  | 'unchanged'
  | 'failed'
  // by the exporter
  | 'create'
  | 'update'
  | 'disable'
  | 'delete'
  | 'membership'
  | 'removal-failed'
  | 'held'
  | 'deferred'
  | 'removal-deferred'
  | 'withdrawn'
  | 'rejected'
  // by anybody, of no consequence for the count
  | 'other';

export interface Brief {
  readonly cycleId: CycleId;
  readonly attempt: number;
  readonly round: number;
  readonly outcome: BriefOutcome;
  /** Kind of the failure, or `-`. */
  readonly failure: string;
  /** Members that are to leave a group by this, and how many it loses altogether, of how many. */
  readonly leaving?: { readonly here: number; readonly removed: number; readonly of: number };
}

interface Countable {
  readonly cycleId?: unknown;
  readonly heldCycleId?: unknown;
  readonly uncounted?: unknown;
  readonly attempt?: unknown;
  readonly round?: unknown;
  readonly action?: unknown;
  readonly failure?: { readonly kind?: unknown } | null;
  readonly guard?: MembersGuard;
  readonly members?: { readonly remove: readonly unknown[] };
}

function evaluated(action: string, kind: RemovalKind | null): BriefOutcome {
  if (action === 'skip' || action === 'unchanged') return action;
  if (action === 'fail') return 'failed';
  return kind === null ? 'proposed' : `proposed-${kind}`;
}

function outcomeOf(type: string, { action, guard }: { readonly action: string; readonly guard?: MembersGuard | undefined }): BriefOutcome {
  const kind = removalKindOf({ action, guard });
  switch (type) {
    case 'rule-evaluated':
      return evaluated(action, kind);
    case 'object-exported':
      return guard ? 'membership' : (action as BriefOutcome);
    case 'export-failed':
      return kind === null ? 'failed' : 'removal-failed';
    case 'removal-held':
      return 'held';
    case 'export-deferred':
      return kind === null ? 'deferred' : 'removal-deferred';
    case 'removal-withdrawn':
      return 'withdrawn';
    case 'removal-rejected':
      return 'rejected';
    default:
      return 'other';
  }
}

/** The brief of an event about one object, or null for any other event. */
export function briefOf(type: string, data: unknown): Brief | null {
  const facts = data as Countable;
  if (typeof facts.cycleId !== 'string' || typeof facts.attempt !== 'number') return null;
  // What is withdrawn was held by another cycle or in an earlier attempt: it counts there, if it counted at all. Later attempts count nowhere.
  if (typeof facts.heldCycleId === 'string') {
    const attempt = facts.uncounted === true ? 1 : 0;
    return { cycleId: facts.heldCycleId as CycleId, attempt, round: 0, outcome: outcomeOf(type, { action: '' }), failure: '-' };
  }
  return {
    cycleId: facts.cycleId as CycleId,
    attempt: facts.attempt,
    round: Number(facts.round ?? 0),
    outcome: outcomeOf(type, { action: String(facts.action), guard: facts.guard }),
    failure: typeof facts.failure?.kind === 'string' ? facts.failure.kind : '-',
    ...(facts.guard && { leaving: { here: facts.members?.remove.length ?? 0, removed: facts.guard.removed, of: facts.guard.of } }),
  };
}

export const printBrief = ({ cycleId, attempt, round, outcome, failure, leaving }: Brief): string =>
  [cycleId, attempt, round, outcome, failure, ...(leaving ? [`${leaving.here}/${leaving.removed}/${leaving.of}`] : [])].join(' ');

/** @throws RangeError when the text is not a brief */
export function parseBrief(text: string): Brief {
  const [cycleId, attempt, round, outcome, failure, leaving] = text.split(' ');
  if (!cycleId || !attempt || !round || !outcome || !failure) throw new RangeError(`not a brief: ${text}`);
  const brief = { cycleId: cycleId as CycleId, attempt: Number(attempt), round: Number(round), outcome: outcome as BriefOutcome, failure };
  if (leaving === undefined) return brief;
  const [here = 0, removed = 0, of = 0] = leaving.split('/').map(Number);
  return { ...brief, leaving: { here, removed, of } };
}
