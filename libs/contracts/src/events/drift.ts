import { z } from 'zod';

import { ObjectKeyText } from './common.js';

/** `repair`: what was changed by hand is changed back. `report`: it is told, and left. */
export const DriftMode = z.enum(['report', 'repair']);
export type DriftMode = z.infer<typeof DriftMode>;

/**
 * How an account is other than the rules made it: values differ, it is disabled though wanted (values may differ besides), it is in use though the job
 * has disabled it, or it is gone.
 */
export const DriftOfAccount = z.enum(['differs', 'disabled', 'enabled', 'vanished']);

/**
 * Whose membership in a group was changed by hand: who was put there by the job and is not there any more, and who is there though the source does not say
 * so. Of many only some are named.
 */
export const DriftOfMembers = z.object({
  missing: z.int().nonnegative(),
  added: z.int().nonnegative(),
  examples: z.object({ missing: z.array(ObjectKeyText), added: z.array(ObjectKeyText) }),
});
export type DriftOfMembers = z.infer<typeof DriftOfMembers>;

/** What a cycle found out that looked for it. */
export const DriftSummary = z.object({
  mode: DriftMode,
  checked: z.int().nonnegative(),
  differ: z.int().nonnegative(),
  vanished: z.int().nonnegative(),
  /** Accounts that the target did not tell of. */
  unasked: z.int().nonnegative(),
  /** Groups in which somebody is missing, or is without the job's doing. */
  groups: z.int().nonnegative().optional(),
});
export type DriftSummary = z.infer<typeof DriftSummary>;
