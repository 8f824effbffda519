import { type PaceLimit, paceLimit } from './limit.js';

/** What was found out about a target that says nothing of its limits beforehand. Instants are milliseconds of the parties' clock. */
export interface LearnedLimit {
  /** `announced`: its answers tell how many requests it takes in which time. `guessed`: it refused, and what it takes is felt out. */
  readonly by: 'announced' | 'guessed';
  /** Requests per millisecond. */
  readonly rate: number;
  readonly perMs: number;
  /** The rate at which it refused last. */
  readonly ceiling: number;
  readonly refusedAt: number;
  readonly changedAt: number;
}

/** What is known when a target refuses. */
export interface Refusal {
  /** Requests that it took lately, by all parties together. */
  readonly taken: number;
  /** In so many milliseconds. */
  readonly overMs: number;
  /** How long it wants to be left alone; 0 when it does not say. */
  readonly waitMs: number;
}

/** A refusal of requests that were on their way when it refused the first is no news. */
const sameRefusalMs = 2_000;
const nearCeiling = 0.95;
const growEveryMs = 5_000;
/** By how much more is tried at a time: quickly up to where it refused; then so slowly that hardly a request is refused; and quickly again when it has not refused for long. */
const growth = { below: 0.05, above: 0.002, after: 180_000, later: 0.03 };
const leastRate = 1 / 600_000;
/** Once nothing was refused for so long, and nobody waits, nothing is known any more. */
export const forgottenAfterMs = 600_000;

/**
 * What to keep to after a refusal. A target with windows takes its requests until the window is full and then wants to be left alone until the next:
 * what it took in both times together is what it takes. Below that it is approached again, quickly at first and slowly near where it refused.
 */
export function learnFromRefusal(known: LearnedLimit | null, { taken, overMs, waitMs }: Refusal, now: number): LearnedLimit {
  if (known && now - known.refusedAt < sameRefusalMs) return known;
  const seen = Math.max(leastRate, taken / Math.max(1_000, overMs + waitMs));
  const rate = known ? Math.max(leastRate, Math.min(known.rate * 0.9, Math.max(seen, known.rate / 2))) : seen;
  return { by: 'guessed', rate, perMs: perMsOf(rate), ceiling: known?.rate ?? seen / nearCeiling, refusedAt: now, changedAt: now };
}

/** Feels for more, as long as somebody would need it. */
export function growLearned(known: LearnedLimit, now: number): LearnedLimit {
  if (known.by === 'announced' || now - known.changedAt < growEveryMs) return known;
  const isFar = known.rate < known.ceiling * nearCeiling;
  const more = isFar ? growth.below : now - known.refusedAt > growth.after ? growth.later : growth.above;
  return { ...known, rate: known.rate * (1 + more), changedAt: now };
}

export function announced(slots: number, perMs: number, now: number): LearnedLimit {
  return { by: 'announced', rate: slots / perMs, perMs, ceiling: slots / perMs, refusedAt: now, changedAt: now };
}

export const learnedAsLimit = ({ rate, perMs, by }: LearnedLimit): PaceLimit =>
  paceLimit(Math.max(1, by === 'announced' ? Math.round(rate * perMs) : Math.floor(rate * perMs)), perMs);

/** A time in which at least some ten requests fit, so that a step of one is a small one. */
function perMsOf(rate: number): number {
  return [1_000, 10_000, 60_000].find((perMs) => rate * perMs >= 10) ?? 600_000;
}
