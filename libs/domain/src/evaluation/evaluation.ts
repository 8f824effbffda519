import type { MembersGuard } from '../job-life/removal-kind.js';
import type { MatchKey } from '../matching/match-keys.js';
import type { MemberChanges } from '../membership/member-changes.js';
import type { AttributeBag, AttributeChange, AttributeValue } from '../object/attributes.js';
import type { Failure } from '../object/failure.js';
import type { ResolvedReference } from '../reference/references.js';
import type { ScopeVerdict } from '../scope/evaluate-scope.js';
import type { Reason } from './reason.js';

/** An object as the source holds it. */
export interface SourceSide {
  readonly change: 'added' | 'updated' | 'deleted' | 'again';
  /** Of a deleted object the last known. */
  readonly attributes: AttributeBag;
}

/** An account that was found for it. */
export interface TargetAccount {
  readonly id: string;
  readonly attributes: AttributeBag;
  readonly state: 'active' | 'disabled' | 'unknown';
}

/** What the target holds for that object. */
export interface TargetSide {
  /** How it was found: by the stored link, by a matching attribute, or by nothing. */
  readonly by: 'link' | 'matching' | 'none';
  readonly tried: readonly { readonly attribute: string; readonly value: AttributeValue; readonly found: number }[];
  readonly matches: readonly TargetAccount[];
  /** Id of the stored link, whether or not the account was found there. */
  readonly linkedId: string | null;
  /** What is known of the accounts that the object refers to. */
  readonly references?: readonly ResolvedReference[] | undefined;
  /** Of a group: members that the target has to gain and lose. */
  readonly members?: MemberChanges | undefined;
  /** A person did not want the account removed, and the object is as it was then, under the same rules. */
  readonly rejected?: RejectedRemoval | undefined;
}

/** Which removal a person rejected. */
export interface RejectedRemoval {
  readonly action: 'disable' | 'delete';
  readonly by: string;
  /** UTC instant. */
  readonly at: string;
}

/** One object from both sides: all that a decision is made from, besides the rules. */
export interface ImportedPair {
  readonly source: SourceSide;
  readonly target: TargetSide;
}

/** The target side of an object that was not looked up there: it has no link and is not wanted. */
export const notLookedUp: TargetSide = { by: 'none', tried: [], matches: [], linkedId: null };

/** Why no decision can be carried out. */
export interface EvaluationFailure extends Failure {
  readonly kind: 'gone' | 'ambiguous-match' | 'missing-values' | 'invalid-source';
}

/** What should happen to one object, attribute by attribute, and why. */
export interface Evaluation {
  readonly action: 'create' | 'update' | 'disable' | 'delete' | 'skip' | 'unchanged' | 'fail';
  readonly reason: Reason;
  /** Not looked at for an object that is gone from the source: out of scope, without conditions. */
  readonly scope: ScopeVerdict;
  /** The account it is about: linked or found by matching; null when there is none, or more than one. */
  readonly targetId: string | null;
  /** Whether an account found by matching is linked by this. A created account is linked by its export, which alone knows its id. */
  readonly linksNow: boolean;
  /** The matching attribute of highest precedence that has a value: what a create is looked up by. */
  readonly match: MatchKey | null;
  /** On creation all values; on update only what differs. */
  readonly changes: AttributeChange[];
  /** Of a group: members that are added and removed. */
  readonly members?: MemberChanges;
  /** Of a group that loses members because the source says so: how many, of how many. They are weighed like removals of accounts. */
  readonly guard?: MembersGuard;
  /** The account is disabled and has to be enabled again. */
  readonly enable: boolean;
  /** Set if and only if the action is `fail`. */
  readonly failure: EvaluationFailure | null;
}
