import type { JobDefinition } from '../job/job-definition.js';

type RemovalThresholds = JobDefinition['thresholds']['removals'];
export type RemovalDecision = { readonly decision: 'release' } | { readonly decision: 'hold'; readonly threshold: string };

/**
 * Whether the removals of a cycle may be done or wait for a person. Held are strictly more than `count`, and more than `percent` of the
 * linked accounts unless they are no more than `atLeast`.
 * @param proposed removals (disable and delete) that the cycle's rules want
 * @param linked   accounts that were in step before the cycle
 */
export function decideRemovals(
  { proposed, linked }: { readonly proposed: number; readonly linked: number },
  { count, percent, atLeast }: RemovalThresholds,
): RemovalDecision {
  if (proposed > count) return { decision: 'hold', threshold: `more than ${count} removals` };
  if (proposed > atLeast && proposed * 100 > percent * linked) {
    return { decision: 'hold', threshold: `more than ${percent}% of ${linked} linked accounts, and more than ${atLeast} removals` };
  }
  return { decision: 'release' };
}
