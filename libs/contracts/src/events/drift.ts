import { z } from 'zod';

/** `repair`: what was changed by hand is changed back. `report`: it is told, and left. */
export const DriftMode = z.enum(['report', 'repair']);
export type DriftMode = z.infer<typeof DriftMode>;

/**
 * How an account is other than the rules made it: values differ, it is disabled though wanted (values may differ besides), it is in use though the job
 * has disabled it, or it is gone.
 */
export const DriftOfAccount = z.enum(['differs', 'disabled', 'enabled', 'vanished']);

/** What a cycle found out that looked for it. */
export const DriftSummary = z.object({
  mode: DriftMode,
  checked: z.int().nonnegative(),
  differ: z.int().nonnegative(),
  vanished: z.int().nonnegative(),
  /** Accounts that the target did not tell of. */
  unasked: z.int().nonnegative(),
});
export type DriftSummary = z.infer<typeof DriftSummary>;
