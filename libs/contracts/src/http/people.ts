import { z } from 'zod';

import { DriftOfAccount, DriftOfMembers } from '../events/drift.js';
import { LogStep, NamesByKey } from './views.js';

const Values = z.record(z.string(), z.unknown());

/** One object of one job as it stood at an instant, told from its events alone. */
export const PersonInJob = z.object({
  jobId: z.string(),
  source: z.string(),
  target: z.string(),
  objectKey: z.string(),
  objectType: z.string(),
  displayName: z.string().nullable(),
  /** The last event that is taken into account. */
  asOf: z.object({ sequence: z.number(), at: z.string() }),
  sourceSide: z.object({ id: z.string().nullable(), isDeleted: z.boolean(), attributes: Values }),
  /** What is known of the account: as it was read last, with what was written since. */
  account: z.object({ id: z.string().nullable(), isLinked: z.boolean(), attributes: Values }),
  /** What the rules last wanted the account to hold, by target attribute; null while no account is wanted, or that was not judged yet. */
  expected: Values.nullable().optional(),
  /** How the account was found to be other than the rules made it, until it is written or read again. */
  drift: DriftOfAccount.nullable().optional(),
  /** Of a group that was found to be other than the rules made it: which attributes, and whose membership; absent where its members were as they should be. */
  driftOfMembers: DriftOfMembers.optional(),
  /** Names of the members that are named in that, by object key, as far as they are known. */
  memberNames: NamesByKey.optional(),
  /** Null while no rule was applied. */
  inScope: z.boolean().nullable(),
  isInEscrow: z.boolean(),
  /** Newest first; steps oldest first. What somebody did about the object outside of any cycle is a change of its own, with an empty `cycleId`. */
  changes: z.array(
    z.object({ changeId: z.string(), cycleId: z.string(), beganAt: z.string(), endedAt: z.string(), steps: z.array(LogStep) }),
  ),
  /** Older events than those shown exist. */
  isCut: z.boolean(),
});
export type PersonInJob = z.infer<typeof PersonInJob>;

/** One person over all jobs. */
export const PersonStoryView = z.object({
  value: z.string(),
  /** The instant that was asked for; null for now. */
  at: z.string().nullable(),
  objects: z.array(PersonInJob),
  /** What happened before this instant is not kept any more, in one of these jobs at least; absent where it all is. */
  keptSince: z.string().optional(),
});
export type PersonStoryView = z.infer<typeof PersonStoryView>;

export const verdicts = ['provisioned', 'skipped', 'failed', 'held', 'in-progress', 'not-seen'] as const;

/** Why a person has an account in a job's target, or has none. */
export const WhyInJob = z.object({
  jobId: z.string(),
  target: z.string(),
  objectKey: z.string().nullable(),
  verdict: z.enum(verdicts),
  /** The answer in a sentence. */
  text: z.string(),
  /** Kebab-case code of the rule or the refusal behind it. */
  reason: z.string().nullable(),
  /** Every condition that was looked at, with the value that it met. */
  clauses: z.array(z.object({ filter: z.string(), clause: z.string(), actual: z.string(), holds: z.boolean() })),
  /** Values that the rules computed, or that were to be written. */
  values: z.array(z.object({ attribute: z.string(), old: z.unknown(), new: z.unknown() })),
  /** What would change the answer, each in a sentence; nothing where the person is provisioned. */
  wouldChange: z.array(z.string()),
  /** The event that says so. */
  evidence: z.object({ sequence: z.number(), at: z.string(), changeId: z.string() }).nullable(),
});
export type WhyInJob = z.infer<typeof WhyInJob>;

export const WhyView = z.object({ value: z.string(), jobs: z.array(WhyInJob) });
export type WhyView = z.infer<typeof WhyView>;
