import { type PaceLimit, paceLimit } from './limit.js';

/** What was found out about a target that says nothing of its limits beforehand. Instants are milliseconds of the parties' clock. */
export interface LearnedLimit {
  /** `announced`: its answers tell how many requests it takes in which time. `guessed`: it refused, and what it takes is felt out. */
  readonly by: 'announced' | 'guessed';
  /** Requests per millisecond. */
  readonly rate: number;
  readonly perMs: number;
  /** The rate at which it refused last; null as long as it has only refused what came unpaced, which tells little of what it takes in the long run. */
  readonly ceiling: number | null;
  readonly refusedAt: number;
  /** Who told of that refusal. */
  readonly toldBy: readonly string[];
  readonly changedAt: number;
}

/** What a party knows when a target refuses. */
export interface Refusal {
  readonly party: string;
  /** Requests of this party that it took lately. */
  readonly taken: number;
  /** In so many milliseconds. */
  readonly overMs: number;
  /** How long it wants to be left alone; 0 when it does not say. */
  readonly waitMs: number;
}

/** A refusal of requests that were on their way when it refused the first is no news. */
const sameRefusalMs = 2_000;
/** Where to go on after a refusal, to the rate at which it refused; and after one that follows so soon that the target must take far less than it did. */
const after = { refusal: 0.95, another: 0.9, withinMs: 10_000, withinRequests: 100 };
/** From where on to be careful, to the rate at which it refused. */
const far = 0.9;
const near = 0.97;
const growEveryMs = 5_000;
/**
 * By how much more is tried at a time: quickly up to where it refused; then so slowly that hardly a request is refused; and quickly again when it has
 * not refused for long.
 */
const growth = { unknown: 0.03, far: 0.05, below: 0.01, above: 0.002, later: 0.03 };
/** Not refused for long: for so long, and for so many requests. */
const later = { ms: 180_000, requests: 300 };
/** What is tried is tried with so many requests at least. */
const triedWith = 20;
const leastRate = 1 / 600_000;
/** Once nothing was refused for so long, and nobody waits, nothing is known any more. */
export const forgottenAfterMs = 600_000;

/**
 * What to keep to after a refusal. A target with windows takes its requests until the window is full and then wants to be left alone until the next:
 * what it took from all parties in both times together is what it takes. Below that it is approached again, quickly at first and slowly near where it
 * refused.
 */
export function learnFromRefusal(known: LearnedLimit | null, { party, taken, overMs, waitMs }: Refusal, now: number): LearnedLimit {
  const seen = Math.max(leastRate, taken / Math.max(1_000, overMs + waitMs));
  if (!known) return guessed(seen, null, [party], now);
  if (now - known.refusedAt < sameRefusalMs) {
    // Nobody knew of the others before: each tells what the target took from it.
    const isMore = known.ceiling === null && !known.toldBy.includes(party);
    return isMore ? guessed(known.rate + seen, null, [...known.toldBy, party], known.refusedAt) : known;
  }
  const isAnother = known.ceiling !== null && now - known.refusedAt - waitMs < Math.max(after.withinMs, after.withinRequests / known.rate);
  // Windows refuse at their end what came too fast all along: a rate that is refused again so soon was well above.
  return isAnother
    ? guessed(known.rate * after.another, known.rate * after.refusal, [party], now)
    : guessed(known.rate * after.refusal, known.rate, [party], now);
}

const guessed = (rate: number, ceiling: number | null, toldBy: readonly string[], now: number): LearnedLimit => ({
  by: 'guessed',
  rate: Math.max(leastRate, rate),
  perMs: perMsOf(rate),
  ceiling,
  refusedAt: now,
  toldBy,
  changedAt: now,
});

/** Feels for more, as long as somebody would need it. */
export function growLearned(known: LearnedLimit, now: number): LearnedLimit {
  if (known.by === 'announced') return known;
  const more = growthOf(known, now);
  const everyMs = more === growth.later ? growEveryMs : Math.max(growEveryMs, triedWith / known.rate);
  return now - known.changedAt < everyMs ? known : { ...known, rate: known.rate * (1 + more), changedAt: now };
}

function growthOf({ rate, ceiling, refusedAt }: LearnedLimit, now: number): number {
  if (ceiling === null) return growth.unknown;
  if (rate < ceiling * far) return growth.far;
  if (rate < ceiling * near) return growth.below;
  return now - refusedAt > Math.max(later.ms, later.requests / rate) ? growth.later : growth.above;
}

export function announced(slots: number, perMs: number, now: number): LearnedLimit {
  return { by: 'announced', rate: slots / perMs, perMs, ceiling: slots / perMs, refusedAt: now, toldBy: [], changedAt: now };
}

export function learnedAsLimit({ rate, perMs, by }: LearnedLimit): PaceLimit {
  if (by === 'announced') return paceLimit(Math.max(1, Math.round(rate * perMs)), perMs);
  // Its own windows may be shorter than the one that was chosen here: hardly more goes at once than in a tenth of a second.
  return paceLimit(Math.max(1, Math.floor(rate * perMs)), perMs, 'all', Math.max(1, Math.floor(rate * 100)));
}

/** A time in which a hundred requests fit, so that a step of one is a small one, and in which what a request is on its way is little. */
function perMsOf(rate: number): number {
  return [5_000, 60_000].find((perMs) => rate * perMs >= 100) ?? (rate * 60_000 >= 10 ? 60_000 : 600_000);
}
