export interface BackOffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A run at least this long makes the next failure a first one again. */
  readonly healthyMs: number;
}

export const RESTART_LIMITS: BackOffLimits = { firstMs: 200, longestMs: 10_000, healthyMs: 30_000 };

/** How often in a row a run has failed, the one that has just ended after `ranMs` included. */
export const failuresInARow = (before: number, ranMs: number, limits: BackOffLimits = RESTART_LIMITS): number =>
  ranMs >= limits.healthyMs ? 1 : before + 1;

/** How long to wait before the next start, after `failures` failures in a row (from 1): doubles up to the longest wait. */
export const backOffMs = (failures: number, limits: BackOffLimits = RESTART_LIMITS): number =>
  Math.min(limits.longestMs, limits.firstMs * 2 ** Math.min(failures - 1, 30));
