import { z } from 'zod';

import { Failure } from '../events/index.js';

const Difference = z.object({ name: z.string(), from: z.unknown(), to: z.unknown() });

/** One attempt at one change: what it was decided from, what was decided, and what became of it. */
export const AttemptView = z.object({
  changeId: z.string(),
  attempt: z.number(),
  beganAt: z.string(),
  /** Log sequence of the configuration whose rules applied. */
  rules: z.number(),
  action: z.string().nullable(),
  reason: z.string().nullable(),
  outcome: z.enum(['exported', 'failed', 'skipped', 'held', 'open']),
  failure: Failure.nullable(),
  durationMs: z.number().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const AttemptDifferenceView = z.object({
  from: AttemptView,
  to: AttemptView,
  /** Values of the source that differ. */
  source: z.array(Difference),
  /** What was to be written, where it differs. */
  planned: z.array(Difference),
  /** Members of the attempts themselves that differ: action, reason, rules, outcome, failure. */
  facts: z.array(Difference),
});
export type AttemptDifferenceView = z.infer<typeof AttemptDifferenceView>;
