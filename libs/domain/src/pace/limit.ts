import { durationMs } from '../job/duration.js';
import type { Rate } from '../job/rate.js';

export type RequestKind = 'read' | 'write';

/**
 * What a target allows, as slots: each request takes one and keeps it from the moment it leaves until `perMs` after its answer,
 * less nearly the time of the quickest answer so far, because the next request takes as long to arrive. Whatever the target's
 * own way of counting (fixed windows, sliding ones, a bucket that fills), no time of that length then sees more than `slots` requests, however long
 * each was on its way. With `perMs` 0 it is a limit on requests at once.
 */
export interface PaceLimit {
  readonly slots: number;
  readonly perMs: number;
  readonly of: 'all' | 'reads' | 'writes';
  /** Slots that may be taken one right after another after a rest. */
  readonly burst: number;
}

export const appliesTo = ({ of }: PaceLimit, kind: RequestKind): boolean => of === 'all' || of === `${kind}s`;

/** A limit under which nothing but a tenth of the slots goes at once. */
export function paceLimit(slots: number, perMs: number, of: PaceLimit['of'] = 'all', burst?: number): PaceLimit {
  return { slots, perMs, of, burst: Math.min(slots, burst ?? Math.max(1, Math.floor(slots / 10))) };
}

/** The limits that a job file declares; none without a declaration. */
export function limitsOf(rate: Rate | undefined): PaceLimit[] {
  if (!rate) return [];
  const { limits, concurrency, burst } = rate;
  return [
    ...limits.map(({ requests, per, of }) => paceLimit(requests, durationMs(per), of, burst)),
    ...(concurrency === undefined ? [] : [paceLimit(concurrency, 0, 'all', concurrency)]),
  ];
}

/** The strictest of several declarations of the same target: each limit of each, the lower where two are of the same kind and time. */
export function joinLimits(some: readonly PaceLimit[], others: readonly PaceLimit[]): PaceLimit[] {
  const byKind = new Map<string, PaceLimit>();
  for (const limit of [...some, ...others]) {
    const key = `${limit.perMs} ${limit.of}`;
    const known = byKind.get(key);
    if (!known || limit.slots < known.slots) byKind.set(key, limit);
  }
  return [...byKind.values()].sort((a, b) => a.perMs - b.perMs || (a.of < b.of ? -1 : 1));
}
