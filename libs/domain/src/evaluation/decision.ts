import type { ObjectMapping } from '../job/job-definition.js';
import type { Evaluation, EvaluationFailure } from './evaluation.js';
import { type Reason, reason } from './reason.js';

/** The part of an evaluation that a rule decides; the rest keeps its neutral value. */
export type Decision = Pick<Evaluation, 'action' | 'reason'> & Partial<Omit<Evaluation, 'scope' | 'match'>>;

type WriteAction = ObjectMapping['actions'][number];

export const isAllowed = (action: WriteAction, rules: ObjectMapping): boolean => rules.actions.includes(action);

export const skip = (why: Reason): Decision => ({ action: 'skip', reason: why });
export const unchanged = (why: Reason): Decision => ({ action: 'unchanged', reason: why });
export const notAllowed = (action: WriteAction): Decision => skip(reason('action-not-allowed', { action }));

/** The object goes to escrow; the failure carries the code and words of the reason. */
export function fail(kind: EvaluationFailure['kind'], why: Reason, attribute?: string): Decision {
  return {
    action: 'fail',
    reason: why,
    failure: { kind, code: why.code, message: why.text, ...(attribute !== undefined && { attribute }) },
  };
}
