import { durationMs, type JobDefinition } from '../job/job-definition.js';

/** When failed objects are tried again, counted from the first failure, in milliseconds. */
export interface RetryLadder {
  /** The first rungs, each later than the one before. */
  readonly afterMs: readonly number[];
  /** Distance of the rungs after the last of them. */
  readonly thenEveryMs: number;
  readonly giveUpAfterMs: number;
}

export const ladderOf = ({ retry }: Pick<JobDefinition, 'retry'>): RetryLadder => ({
  afterMs: retry.after.map(durationMs),
  thenEveryMs: durationMs(retry.thenEvery),
  giveUpAfterMs: durationMs(retry.giveUpAfter),
});

/**
 * When to try an escrowed object again; null once it should be given up.
 * By default 6 h, 12 h and 24 h after the first failure, then every 24 h; it ends 28 days after the first failure.
 * @param firstFailedAtMs instant of the first failure, not of the latest
 * @param retries         retries already made, a whole number from 0
 * @param nowMs           rungs up to here are passed over, so that a long stop of the service is not made up for by a burst of retries
 * @throws RangeError     when `retries` is not a whole number from 0: a caller's bug, never data
 */
export function nextAttempt(firstFailedAtMs: number, retries: number, ladder: RetryLadder, nowMs = -Infinity): number | null {
  if (!Number.isInteger(retries) || retries < 0) throw new RangeError(`not a number of retries: ${retries}`);
  const afterMs = rungAfter(rung(ladder, retries), nowMs - firstFailedAtMs, ladder);
  return afterMs < ladder.giveUpAfterMs ? firstFailedAtMs + afterMs : null;
}

/** Time of the n-th rung after the first failure, from 0. */
function rung({ afterMs, thenEveryMs }: RetryLadder, n: number): number {
  const last = afterMs.length - 1;
  return afterMs[n] ?? (afterMs[last] ?? 0) + (n - last) * thenEveryMs;
}

/** The rung itself or, when it is over, the next one that is not. */
function rungAfter(atMs: number, elapsedMs: number, { afterMs, thenEveryMs }: RetryLadder): number {
  if (atMs > elapsedMs) return atMs;
  const fixed = afterMs.find((ms) => ms > elapsedMs);
  const last = Math.max(atMs, afterMs.at(-1) ?? 0);
  return fixed ?? last + (Math.floor((elapsedMs - last) / thenEveryMs) + 1) * thenEveryMs;
}
