import type { CycleId } from '@provident/domain';

/** What became of one object in one cycle, in a word. Stands in a header of its event, so that counting needs no body. */
export type BriefOutcome =
  // by the rule-evaluator
  | 'proposed'
  | 'proposed-removal'
  | 'skip'
  | 'unchanged'
  | 'failed'
  // by the exporter
  | 'create'
  | 'update'
  | 'disable'
  | 'delete'
  | 'removal-failed'
  | 'held'
  | 'deferred'
  | 'removal-deferred'
  | 'withdrawn'
  // by anybody, of no consequence for the count
  | 'other';

export interface Brief {
  readonly cycleId: CycleId;
  readonly attempt: number;
  readonly round: number;
  readonly outcome: BriefOutcome;
  /** Kind of the failure, or `-`. */
  readonly failure: string;
}

interface Countable {
  readonly cycleId?: unknown;
  readonly heldCycleId?: unknown;
  readonly attempt?: unknown;
  readonly round?: unknown;
  readonly action?: unknown;
  readonly failure?: { readonly kind?: unknown } | null;
}

const isRemoval = (action: string): boolean => action === 'disable' || action === 'delete';

function evaluated(action: string): BriefOutcome {
  if (action === 'skip' || action === 'unchanged') return action;
  if (action === 'fail') return 'failed';
  return isRemoval(action) ? 'proposed-removal' : 'proposed';
}

function outcomeOf(type: string, action: string): BriefOutcome {
  switch (type) {
    case 'rule-evaluated':
      return evaluated(action);
    case 'object-exported':
      return action as BriefOutcome;
    case 'export-failed':
      return isRemoval(action) ? 'removal-failed' : 'failed';
    case 'removal-held':
      return 'held';
    case 'export-deferred':
      return isRemoval(action) ? 'removal-deferred' : 'deferred';
    case 'removal-withdrawn':
      return 'withdrawn';
    default:
      return 'other';
  }
}

/** The brief of an event about one object, or null for any other event. */
export function briefOf(type: string, data: unknown): Brief | null {
  const facts = data as Countable;
  if (typeof facts.cycleId !== 'string' || typeof facts.attempt !== 'number') return null;
  // What is withdrawn was held by another cycle or in an earlier attempt: it counts there.
  if (typeof facts.heldCycleId === 'string')
    return { cycleId: facts.heldCycleId as CycleId, attempt: 0, round: 0, outcome: outcomeOf(type, ''), failure: '-' };
  return {
    cycleId: facts.cycleId as CycleId,
    attempt: facts.attempt,
    round: Number(facts.round ?? 0),
    outcome: outcomeOf(type, String(facts.action)),
    failure: typeof facts.failure?.kind === 'string' ? facts.failure.kind : '-',
  };
}

export const printBrief = (brief: Brief): string => `${brief.cycleId} ${brief.attempt} ${brief.round} ${brief.outcome} ${brief.failure}`;

/** @throws RangeError when the text is not a brief */
export function parseBrief(text: string): Brief {
  const [cycleId, attempt, round, outcome, failure] = text.split(' ');
  if (!cycleId || !attempt || !round || !outcome || !failure) throw new RangeError(`not a brief: ${text}`);
  return { cycleId: cycleId as CycleId, attempt: Number(attempt), round: Number(round), outcome: outcome as BriefOutcome, failure };
}
