import type { ObjectMapping } from '../job/job-definition.js';
import { type Decision, isAllowed, notAllowed, skip, unchanged } from './decision.js';
import type { TargetAccount, TargetSide } from './evaluation.js';
import { type Reason, reason } from './reason.js';

type RemovalPolicy = ObjectMapping['removals']['deleted'];

/**
 * What becomes of an account that is not wanted any more. One that was never linked is left alone, as is one that already is where the
 * rules want it, and one whose removal a person rejected, as long as the object is as it was then.
 * @returns a function of the policy, of why the account is not wanted, and of what to say of a person without one
 */
export function proposeRemoval({ linkedId, rejected }: TargetSide, account: TargetAccount | undefined, rules: ObjectMapping) {
  return (policy: RemovalPolicy, why: Reason, unlinked: Reason = why): Decision => {
    const because = { because: why.text };
    if (linkedId === null) return skip(unlinked);
    if (policy === 'ignore') return skip(reason('removal-ignored', because));
    if (!account) return unchanged(reason('already-gone', because));
    if (policy === 'disable' && account.state === 'disabled') return unchanged(reason('already-disabled', because));
    if (rejected?.action === policy) return skip(reason('removal-rejected', { ...because, by: rejected.by, at: rejected.at }));
    return isAllowed(policy, rules) ? { action: policy, reason: why } : notAllowed(policy);
  };
}
