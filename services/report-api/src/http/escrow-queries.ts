import { z } from 'zod';

import { CyclesQuery } from './queries.js';

const Text = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1000 characters');

export const EscrowsQuery = z.strictObject({
  cause: Text.optional(),
  state: z.enum(['waiting', 'trying', 'given-up']).optional(),
  ...CyclesQuery.shape,
});
export type EscrowsQuery = z.infer<typeof EscrowsQuery>;

/** One of them. */
export const RetryOrder = z.strictObject({ user: Text.optional(), cause: Text.optional(), all: z.boolean().optional() });
export type RetryOrder = z.infer<typeof RetryOrder>;
