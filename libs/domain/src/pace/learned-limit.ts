import { type PaceLimit, paceLimit, type RequestKind } from './limit.js';

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
  /** How long somebody has had to wait for it since that refusal: a time in which nobody asked for more says nothing. */
  readonly triedMs?: number;
  /** Over so long it seems to count: from the first request that it took until it takes some again. */
  readonly windowMs?: number;
  /** What it holds for; without, for all. */
  readonly of?: PaceLimit['of'];
}

/** What a party knows when a target refuses. */
export interface Refusal {
  readonly party: string;
  /** What was refused. */
  readonly kind: RequestKind;
  /** Requests of this party that it took lately: of that kind, or of both where both are known to be limited together. */
  readonly taken: number;
  /** In so many milliseconds. */
  readonly overMs: number;
  /** Those that it took in the time over which it seems to count, where that is known; of both kinds where the limit that is known is for the other. */
  readonly inWindow?: number;
  /** How long it wants to be left alone; 0 when it does not say. */
  readonly waitMs: number;
  /** What this party holds of what is known to be allowed, from 0 to 1. */
  readonly share: number;
}

/** A refusal of requests that were on their way when it refused the first is no news. */
const sameRefusalMs = 2_000;
/** Where to go on after a refusal, to the rate at which it refused; and after one that follows so soon that the target must take far less than it did. */
const after = { refusal: 0.97, another: 0.94, much: 0.8, most: 0.5, counted: 0.99, withinMs: 10_000, withinRequests: 100 };
/** So many requests must have been possible since, in so long, for the rate to be told from what was taken. */
const toldFrom = { requests: 20, ms: 5_000, inWindow: 50 };
/** From where on to be careful, to the rate at which it refused. */
const far = 0.9;
const near = 0.98;
const growEveryMs = 5_000;
const growUnknownEveryMs = 2_000;
/**
 * By how much more is tried at a time: more and more as long as it has not refused what was paced; then quickly up to where it refused, and then so
 * slowly that hardly a request is refused; and quickly again when it has not refused for long.
 */
const growth = { unknown: 0.03, unknownMost: 0.3, far: 0.05, below: 0.01, above: 0.0006, later: 0.03 };
/** After so many steps without a refusal a step is twice as large, after twice as many three times. */
const steps = { unknown: 2, above: 5 };
/** Not refused for long: for so long, and for so many requests. */
const later = { ms: 180_000, requests: 300 };
/** What is tried is tried with so many requests at least. */
const triedWith = 20;
const leastRate = 1 / 600_000;
/** Who refuses after next to nothing, such as because others have used up what he allows, is asked again this often at least. */
const leastFirstRate = 1 / 1_000;
/** Times to wait are told in whole seconds and rounded up. */
const roundedUpByMs = 250;
/** What was found out is forgotten when it was not needed for so long: from one cycle to the next it holds, over a weekend it may not. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * What to keep to after a refusal. A target with windows takes its requests until the window is full and then wants to be left alone until the next:
 * what it took from all parties in both times together is what it takes. Below that it is approached again, quickly at first and slowly near where it
 * refused. What refuses only reads, or only writes, is taken for a limit of those until the others are refused as well.
 */
export function learnFromRefusal(known: LearnedLimit | null, refusal: Refusal, now: number): LearnedLimit {
  const { party, kind, taken, overMs, waitMs } = refusal;
  const seen = taken / Math.max(1_000, overMs + Math.max(0, waitMs - roundedUpByMs));
  const of = `${kind}s` as const;
  if (!known) return { ...guessed(Math.max(leastFirstRate, seen), null, [party], now, of), ...windowOf(refusal) };
  const { rate, ceiling, toldBy, refusedAt } = known;
  const { windowMs } = known;
  const window = windowMs === undefined ? {} : { windowMs };
  if (!holdsFor(known, kind)) return { ...guessed(togetherOf(known, refusal, seen), null, [...toldBy, party], now, 'all'), ...window };
  if (now - refusedAt < sameRefusalMs) {
    // Nobody knew of the others before: each tells what the target took from it.
    const isMore = ceiling === null && !toldBy.includes(party);
    return isMore ? { ...guessed(rate + seen, null, [...toldBy, party], refusedAt, known.of), ...window } : known;
  }
  const isAnother = ceiling !== null && now - refusedAt - waitMs < Math.max(after.withinMs, after.withinRequests / rate);
  const counted = countedOf(known, refusal);
  // Of a rate that grew quickly until now, what was taken in all that time tells little.
  const took = counted < 1 && ceiling === null ? 1 : takenOf(known, refusal);
  const isExplained = counted < (isAnother ? near : 1);
  if (isExplained && took >= after.much)
    return { ...guessed(rate * counted * after.counted, rate * counted, [party], now, known.of), ...window };
  // Windows refuse at their end what came too fast all along: a rate that is refused again so soon was well above.
  const usual = isAnother ? after.another : after.refusal;
  const less = took < after.much ? Math.max(after.most, took) : usual;
  // What is told from what was taken is rough, and on the low side.
  const where = took < after.much ? (less + usual) / 2 : usual / after.refusal;
  return { ...guessed(rate * less, rate * where, [party], now, known.of), ...window };
}

/**
 * What it takes of reads and writes together, once it has refused both: what it took of both, where the time over which it counts is known; or else at most
 * what was known of the one and what it took of the other.
 */
function togetherOf({ rate, windowMs }: LearnedLimit, { inWindow, share }: Refusal, seen: number): number {
  if (windowMs === undefined || inWindow === undefined) return rate + seen;
  return Math.min(rate + seen, Math.max(rate, inWindow / windowMs / share));
}

/** Over how long it seems to count, where it says how long it wants to be left alone and took enough before. */
function windowOf({ taken, overMs, waitMs }: Refusal): { readonly windowMs?: number } {
  const windowMs = Math.floor((overMs + waitMs) / 1_000) * 1_000;
  return waitMs > 0 && taken >= toldFrom.requests && windowMs > 0 ? { windowMs } : {};
}

/**
 * What it has taken in the time over which it seems to count, to what the rate allows in that; 1 where that is not known. One that counts over a sliding
 * time has taken what it allows, however much faster the rate has become meanwhile.
 */
function countedOf({ rate, windowMs }: LearnedLimit, { inWindow, share }: Refusal): number {
  if (windowMs === undefined || inWindow === undefined) return 1;
  const possible = rate * share * windowMs;
  return possible < toldFrom.inWindow ? 1 : Math.min(1, Math.max(after.most, inWindow / possible));
}

/** What it has taken lately, to what would have been taken at that rate; 1 where that is too little to tell. */
function takenOf({ rate }: LearnedLimit, { taken, overMs, waitMs, share }: Refusal): number {
  const inMs = overMs + Math.max(0, waitMs - roundedUpByMs);
  const possible = rate * share * inMs;
  return possible < toldFrom.requests || inMs < toldFrom.ms ? 1 : taken / possible;
}

export const holdsFor = ({ of = 'all' }: LearnedLimit, kind: RequestKind): boolean => of === 'all' || of === `${kind}s`;

function guessed(rate: number, ceiling: number | null, toldBy: readonly string[], now: number, of: PaceLimit['of'] = 'all'): LearnedLimit {
  const safe = Math.max(leastRate, rate);
  return { by: 'guessed', rate: safe, perMs: perMsOf(safe), ceiling, refusedAt: now, toldBy, changedAt: now, triedMs: 0, of };
}

/** Whether it was found out so long ago that it says nothing any more. */
export const isForgotten = ({ refusedAt, changedAt }: LearnedLimit, now: number): boolean =>
  now - Math.max(refusedAt, changedAt) > forgottenAfterMs;

/** Feels for more, as long as somebody would need it. */
export function growLearned(known: LearnedLimit, now: number): LearnedLimit {
  if (known.by === 'announced') return known;
  const everyMs = growsEveryMs(known);
  if (now - known.changedAt < everyMs || isForgotten(known, now)) return known;
  const triedMs = (known.triedMs ?? 0) + everyMs;
  return { ...known, rate: known.rate * (1 + growthOf(known)), changedAt: now, triedMs };
}

function growsEveryMs({ rate, ceiling, triedMs = 0 }: LearnedLimit): number {
  if (ceiling === null) return Math.max(growUnknownEveryMs, triedWith / 4 / rate);
  if (isLater(rate, triedMs)) return growEveryMs;
  return Math.max(growEveryMs, (rate < ceiling * far ? triedWith / 4 : triedWith) / rate);
}

const isLater = (rate: number, triedMs: number): boolean => triedMs > Math.max(later.ms, later.requests / rate);

function growthOf(known: LearnedLimit): number {
  const { rate, ceiling, triedMs = 0 } = known;
  const tried = triedMs / growsEveryMs(known);
  if (ceiling === null) return Math.min(growth.unknownMost, growth.unknown * (1 + tried / steps.unknown));
  if (rate < ceiling * far) return growth.far;
  if (rate < ceiling * near) return growth.below;
  return isLater(rate, triedMs) ? growth.later : growth.above * (1 + tried / steps.above);
}

export function announced(slots: number, perMs: number, now: number): LearnedLimit {
  return { by: 'announced', rate: slots / perMs, perMs, ceiling: slots / perMs, refusedAt: now, toldBy: [], changedAt: now };
}

export function learnedAsLimit({ rate, perMs, by, of = 'all' }: LearnedLimit): PaceLimit {
  if (by === 'announced') return paceLimit(Math.max(1, Math.round(rate * perMs)), perMs);
  // Its own windows may be shorter than the one that was chosen here: hardly more goes at once than in a tenth of a second.
  return paceLimit(Math.max(1, Math.floor(rate * perMs)), perMs, of, Math.max(1, Math.floor(rate * 100)));
}

/** A time in which a hundred requests fit, so that a step of one is a small one, and in which what a request is on its way is little. */
function perMsOf(rate: number): number {
  return [5_000, 60_000].find((perMs) => rate * perMs >= 100) ?? (rate * 60_000 >= 10 ? 60_000 : 600_000);
}
