import { z } from 'zod';

import { CycleView } from './views.js';

/** Milliseconds. */
const Percentiles = z.object({ count: z.number(), p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() });

/** A cycle with how long its changes took, and what its failures and skips have in common. */
export const CycleReportView = z.object({
  cycle: CycleView,
  durationMs: z.number().nullable(),
  /** From the reading of an object to its latest step, of changes that succeeded at the first attempt; null when there is none. */
  latency: Percentiles.nullable(),
  /** Most frequent first. */
  causes: z.array(
    z.object({ status: z.string(), action: z.string(), reason: z.string().nullable(), count: z.number(), example: z.string() }),
  ),
});
export type CycleReportView = z.infer<typeof CycleReportView>;
