import { z } from 'zod';

import { isoOf } from '../object/instant.js';
import { Duration, durationMs } from './duration.js';

/** What is kept for a time: entries of the provisioning log, and the events about objects behind them. */
export const retentionKinds = ['log', 'events'] as const;
export type RetentionKind = (typeof retentionKinds)[number];

const forever = 'forever';
export const KeptFor = z.union([z.literal(forever), Duration]);

/** How long the reports keep what happened to objects. */
export const Retention = z
  .strictObject({
    log: KeptFor.optional().describe('How long entries of the provisioning log can be read: a duration such as `400d`, or `forever`.'),
    events: KeptFor.optional().describe("How long the events behind them can be read: the audit log, the steps and one person's past."),
  })
  .describe(
    "How long the reports keep what happened to objects; as the installation says by default. What is not settled yet stays in any case, and so do a job's configurations, cycles and quarantines.",
  );
export type Retention = z.infer<typeof Retention>;

/**
 * From when on something is kept; null for ever.
 * @param job what the job says @param installation what holds for jobs that say nothing
 * @returns UTC instant
 */
export function horizonOf(kind: RetentionKind, job: Retention | undefined, installation: Retention, nowMs: number): string | null {
  const keptFor = job?.[kind] ?? installation[kind] ?? forever;
  return keptFor === forever ? null : isoOf(nowMs - durationMs(keptFor));
}

/** The later of two horizons, in one notation; null is the earliest of all. */
export const laterHorizon = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other > one) ? other : one;
