import { z } from 'zod';

import { Initiator } from '../events/index.js';

/** One thing that was looked at, and what was found. */
export const Finding = z.object({
  /** Kebab-case, such as `log-complete`. */
  check: z.string(),
  ok: z.boolean(),
  text: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** A check of the read models against the log, or their rebuild. */
export const ReadModelCheckView = z.object({
  checkId: z.string(),
  kind: z.enum(['verify', 'rebuild']),
  /** `differences`: it was carried out, and not everything is as it should be. `failed`: it could not be carried out. */
  state: z.enum(['running', 'succeeded', 'differences', 'failed']),
  by: Initiator,
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** How far the log has been read, and how far it has to be. */
  position: z.number(),
  head: z.number(),
  findings: z.array(Finding),
});
export type ReadModelCheckView = z.infer<typeof ReadModelCheckView>;
