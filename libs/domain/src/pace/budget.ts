import { isForgotten, type LearnedLimit, learnedAsLimit } from './learned-limit.js';
import { joinLimits, type PaceLimit, type RequestKind } from './limit.js';
import type { SlotGrant } from './slots.js';

/** How much a party wants more slots of a limit: it has enough, requests wait, or somebody waits for them in person. */
export type Wish = 'none' | 'more' | 'urgent';

/** What one party, an instance of a service at work on one job, told of itself when it was heard last. */
export interface Party {
  readonly job: string;
  readonly heardAt: number;
  /** When it made its last request: of slots that cannot be shared evenly, who waited longest gets the next. */
  readonly usedAt: number;
  /** By limit, in their order. */
  readonly has: readonly number[];
  /** Slots that the target may still count, by limit. */
  readonly used: readonly number[];
  readonly wishes: readonly Wish[];
  /** Slots that it has use for, by limit. Without: as many as it can get where it wishes for more, and those that it has used elsewhere. */
  readonly wants?: readonly number[];
  /** What its job declares. */
  readonly declared: readonly PaceLimit[];
  /** Requests that wait. */
  readonly waiting: number;
}

/** An hour since the epoch, and how many requests were taken and refused in it. */
export type AnswersOfHour = readonly [hour: number, taken: number, refused: number];

const hourMs = 3_600_000;
/** So long it is told how often a target refused. */
export const toldForHours = 24;
/** A job that has not been at work for so long has nothing to do with the target any more. */
const jobForMs = 30 * 24 * hourMs;

/** The same with what a party has been answered since it told of it last. */
export function withAnswers(
  budget: Budget,
  job: string,
  { taken, refused }: { readonly taken: number; readonly refused: number },
  now: number,
): Budget {
  const hour = Math.floor(now / hourMs);
  const known = (budget.answers ?? []).filter(([at]) => at > hour - toldForHours);
  const [, takenBefore, refusedBefore] = known.find(([at]) => at === hour) ?? [hour, 0, 0];
  const answers: AnswersOfHour[] = [...known.filter(([at]) => at !== hour), [hour, takenBefore + taken, refusedBefore + refused]];
  const jobs = Object.fromEntries(Object.entries({ ...budget.jobs, [job]: now }).filter(([, at]) => now - at < jobForMs));
  return { ...budget, answers, jobs };
}

/** What all parties of one target share. Every slot of a limit is held by a party or free. Instants are milliseconds of the parties' clock. */
export interface Budget {
  readonly limits: readonly PaceLimit[];
  readonly learned: LearnedLimit | null;
  /** The target wants to be left alone until then; 0 or past: it does not. */
  readonly pausedUntil: number;
  /** The same for requests of one kind, where it has refused only those. */
  readonly pausedKinds?: Readonly<Partial<Record<RequestKind, number>>>;
  /** By limit. */
  readonly free: readonly (readonly SlotGrant[])[];
  /** How many requests it took and refused in each of the last hours in which there were any. */
  readonly answers?: readonly AnswersOfHour[];
  /** When each job was at work on it last. */
  readonly jobs?: Readonly<Record<string, number>>;
  readonly parties: Readonly<Record<string, Party>>;
}

export const emptyBudget: Budget = { limits: [], learned: null, pausedUntil: 0, free: [], parties: {} };

/** Until when the target wants no requests of that kind. */
export const pausedFor = ({ pausedUntil, pausedKinds }: Budget, kind: RequestKind): number =>
  Math.max(pausedUntil, pausedKinds?.[kind] ?? 0);

/** Who was not heard of for so long is dead, and has stopped using its slots before. */
export const silentForMs = 6_000;
export const stopsUsingAfterMs = 4_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const slotsIn = (grants: readonly SlotGrant[]): number => sum(grants.map(([, slots]) => slots));
const isSame = (a: PaceLimit, b: PaceLimit): boolean => a.perMs === b.perMs && a.of === b.of;

/**
 * The budget as it is now: without the dead, whose slots are taken for used until the end; with the limits that the living declare and those that were
 * learned; and with as many free slots as nobody holds.
 */
export function asOfNow(budget: Budget, now: number): Budget {
  const living = Object.entries(budget.parties).filter(([, { heardAt }]) => now - heardAt < silentForMs);
  const dead = Object.values(budget.parties).filter(({ heardAt }) => now - heardAt >= silentForMs);
  const { learned: known, pausedUntil } = budget;
  const learned = known && isForgotten(known, now) ? null : known;
  const declared = living.reduce<readonly PaceLimit[]>((limits, [, party]) => joinLimits(limits, party.declared), []);
  const limits = joinLimits(declared, learned ? [learnedAsLimit(learned)] : []);
  const place = limits.map((limit) => budget.limits.findIndex((each) => isSame(each, limit)));
  const parties = Object.fromEntries(
    living.map(([name, party]) => [
      name,
      {
        ...party,
        has: place.map((at) => party.has[at] ?? 0),
        used: place.map((at) => party.used[at] ?? 0),
        wishes: place.map((at) => party.wishes[at] ?? 'more'),
        ...(party.wants && { wants: place.map((at) => party.wants![at] ?? Number.MAX_SAFE_INTEGER) }),
      },
    ]),
  );
  const left = place.map((at, index): SlotGrant[] => [
    ...(budget.free[at] ?? []),
    ...dead.flatMap((party) => leftBy(party, at, limits[index]!)),
  ]);
  const free = limits.map(({ slots }, index) => {
    const held = sum(Object.values(parties).map(({ has }) => has[index]!));
    return fitted(left[index]!, Math.max(0, slots - held), now);
  });
  return { ...budget, limits, learned, pausedUntil, free, parties };
}

/**
 * What a dead party leaves: the slots that it had used, and those that it can have used since it was heard last, count as used at the last moment at which
 * it can have used any; the others are ready.
 */
function leftBy({ has, used, heardAt }: Party, at: number, { slots, burst, perMs }: PaceLimit): SlotGrant[] {
  const held = has[at] ?? 0;
  if (perMs === 0) return [[heardAt, held]];
  const since = Math.ceil((burst * held) / slots + (held * stopsUsingAfterMs) / perMs) + 1;
  const spent = Math.min(held, (used[at] ?? held) + since);
  return [
    [heardAt, held - spent],
    [heardAt + stopsUsingAfterMs + perMs, spent],
  ];
}

/** Exactly so many slots: what is too much goes from those that are ready first, what lacks is ready at once. */
function fitted(grants: readonly SlotGrant[], slots: number, now: number): SlotGrant[] {
  const sorted = grants.filter(([, count]) => count > 0).sort(([a], [b]) => b - a);
  const kept: SlotGrant[] = [];
  let left = slots;
  for (const [readyAt, count] of sorted) {
    const taken = Math.min(left, count);
    if (taken > 0) kept.unshift([readyAt, taken]);
    left -= taken;
  }
  return left > 0 ? merged([[now, left], ...kept]) : merged(kept);
}

function merged(grants: readonly SlotGrant[]): SlotGrant[] {
  const byInstant = new Map<number, number>();
  for (const [at, slots] of grants) byInstant.set(at, (byInstant.get(at) ?? 0) + slots);
  return [...byInstant].sort(([a], [b]) => a - b);
}

/** What a party has use for, at most. */
function wantOf({ wishes, wants, used }: Party, limit: number): number {
  return wants?.[limit] ?? (wishes[limit] === 'none' ? used[limit]! : Number.MAX_SAFE_INTEGER);
}

/**
 * How many slots of a limit each party ought to hold: jobs alike, and the parties of a job alike, whoever is asked for in person four times as much; but
 * none more than it has use for, and what one does not need is for the others.
 */
export function fairShares({ limits, parties }: Budget, limit: number): Map<string, number> {
  const { slots } = limits[limit]!;
  const jobs = new Map<string, { readonly name: string; readonly usedAt: number; readonly weight: number; readonly most: number }[]>();
  for (const [name, party] of Object.entries(parties)) {
    const each = {
      name,
      usedAt: party.usedAt,
      weight: party.wishes[limit] === 'urgent' ? 4 : 1,
      most: Math.min(slots, wantOf(party, limit)),
    };
    jobs.set(party.job, [...(jobs.get(party.job) ?? []), each]);
  }
  const all = [...jobs.values()];
  const ofJobs = divided(
    slots,
    all.map((some) => ({ weight: sum(some.map(({ weight }) => weight)) / some.length, most: sum(some.map(({ most }) => most)) })),
  );
  const shares = all.flatMap((some, job) => divided(ofJobs[job]!, some).map((share, at) => ({ ...some[at]!, share })));
  let rest = Math.round(sum(shares.map(({ share }) => share))) - sum(shares.map(({ share }) => Math.floor(share)));
  const result = new Map<string, number>();
  for (const { name, share } of shares.sort(
    (a, b) => Number(a.share >= 1) - Number(b.share >= 1) || a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1),
  )) {
    const more = rest > 0 && share % 1 > 0 ? 1 : 0;
    rest -= more;
    result.set(name, Math.floor(share) + more);
  }
  return result;
}

/** So much for each by its weight; what one has no use for is divided among the others. */
function divided(whole: number, some: readonly { readonly weight: number; readonly most: number }[]): number[] {
  const shares = some.map(() => 0);
  let open = some.map((_, at) => at);
  let left = whole;
  for (;;) {
    const each = left / sum(open.map((at) => some[at]!.weight));
    const full = open.filter((at) => some[at]!.most <= each * some[at]!.weight);
    if (full.length === 0) {
      for (const at of open) shares[at] = each * some[at]!.weight;
      return shares;
    }
    for (const at of full) {
      shares[at] = some[at]!.most;
      left -= some[at]!.most;
    }
    open = open.filter((at) => !full.includes(at));
  }
}

/** What a party is to do with its slots of one limit. */
export interface Move {
  readonly give: number;
  readonly take: number;
}

/** To move a slot costs a little of its time: a party that has nearly its share has enough. */
const nearly = 0.02;

/**
 * What follows for one party: it gives what others lack for their share and it has above its own; it takes what is free, and more than its share only
 * while nobody else wants it.
 */
export function movesOf(budget: Budget, name: string): Move[] {
  const me = budget.parties[name]!;
  return budget.limits.map(({ slots }, limit): Move => {
    const shares = fairShares(budget, limit);
    const free = slotsIn(budget.free[limit]!);
    const more = shares.get(name)! - me.has[limit]!;
    const lacking = sum(
      Object.entries(budget.parties).map(([other, { has }]) => (other === name ? 0 : lackOf(has[limit]!, shares.get(other)!))),
    );
    if (more < 0 && lacking > free) return { give: Math.min(-more, lacking - free), take: 0 };
    const held = sum(Object.values(budget.parties).map(({ has }) => has[limit]!));
    if (held > slots) return { give: Math.max(0, Math.min(-more, held - slots)), take: 0 };
    return { give: 0, take: me.wishes[limit] === 'none' ? 0 : Math.max(0, Math.min(free, lacking > 0 ? more : free)) };
  });
}

function lackOf(has: number, share: number): number {
  const lack = share - has;
  return lack > Math.max(1, share * nearly) || (lack === 1 && has === 0) ? lack : 0;
}

/** The budget after a party has given and taken, and what it has got. */
export function exchanged(
  budget: Budget,
  name: string,
  given: readonly (readonly SlotGrant[])[],
  moves: readonly Move[],
): { readonly budget: Budget; readonly got: readonly (readonly SlotGrant[])[] } {
  const got: SlotGrant[][] = [];
  const free = budget.free.map((grants, limit) => {
    const [taken, left] = split(grants, moves[limit]!.take);
    got.push(taken);
    return merged([...left, ...given[limit]!]);
  });
  const me = budget.parties[name]!;
  const has = me.has.map((count, limit) => count - slotsIn(given[limit]!) + slotsIn(got[limit]!));
  return { budget: { ...budget, free, parties: { ...budget.parties, [name]: { ...me, has } } }, got };
}

/** The soonest ready, and the others. */
function split(grants: readonly SlotGrant[], count: number): [SlotGrant[], SlotGrant[]] {
  const taken: SlotGrant[] = [];
  const left: SlotGrant[] = [];
  let wanted = count;
  for (const [at, slots] of grants) {
    const mine = Math.min(wanted, slots);
    wanted -= mine;
    if (mine > 0) taken.push([at, mine]);
    if (slots > mine) left.push([at, slots - mine]);
  }
  return [taken, left];
}

/** What people are told of a target that holds its jobs up. */
export interface PaceReport {
  readonly limits: readonly (PaceLimit & { readonly used: number })[];
  /** How the limits are known, apart from those that are declared. */
  readonly learned: LearnedLimit['by'] | null;
  readonly pausedUntil: number | null;
  readonly waiting: number;
}

/** Null when nobody has to wait. */
export function paceReport(budget: Budget, job: string, now: number): PaceReport | null {
  const current = asOfNow(budget, now);
  const { limits, learned, parties } = current;
  const pausedUntil = Math.max(pausedFor(current, 'read'), pausedFor(current, 'write'));
  const all = Object.values(parties);
  const waiting = sum(all.filter((party) => party.job === job).map((party) => party.waiting));
  const isPaused = pausedUntil > now;
  if (!all.some((party) => party.job === job) || (waiting === 0 && !isPaused)) return null;
  return {
    limits: limits.map((limit, index) => ({ ...limit, used: Math.min(limit.slots, sum(all.map(({ used }) => used[index]!))) })),
    learned: learned?.by ?? null,
    pausedUntil: isPaused ? pausedUntil : null,
    waiting,
  };
}

/** How a job fares with what its target allows. */
export interface RateReport {
  readonly limits: readonly (PaceLimit & { readonly used: number; readonly from: 'declared' | LearnedLimit['by'] })[];
  readonly pausedUntil: number | null;
  /** Requests of the job that wait. */
  readonly waiting: number;
  /** Requests of all jobs that the target took and refused in the last {@link toldForHours} hours. */
  readonly taken: number;
  readonly refused: number;
}

/** Null when the job has not been at work on that target lately, or nothing is known of its limits and it has refused nothing. */
export function rateReport(budget: Budget, job: string, now: number): RateReport | null {
  if (budget.jobs?.[job] === undefined && !Object.values(budget.parties).some((party) => party.job === job)) return null;
  const current = asOfNow(budget, now);
  const parties = Object.values(current.parties);
  const learned = current.learned && learnedAsLimit(current.learned);
  // Who declares a limit takes it along when it rests; it is still the one that holds.
  const limits =
    parties.length > 0 ? current.limits : budget.limits.filter((limit) => current.learned || !isLearned(limit, budget.learned));
  const hours = (budget.answers ?? []).filter(([hour]) => hour > Math.floor(now / hourMs) - toldForHours);
  const [taken, refused] = [sum(hours.map(([, each]) => each)), sum(hours.map(([, , each]) => each))];
  if (limits.length === 0 && refused === 0) return null;
  const pausedUntil = Math.max(pausedFor(current, 'read'), pausedFor(current, 'write'));
  return {
    limits: limits.map((limit, index) => ({
      ...limit,
      used: Math.min(limit.slots, sum(parties.map(({ used }) => used[index] ?? 0))),
      from: learned && isSame(limit, learned) && limit.slots === learned.slots ? current.learned!.by : 'declared',
    })),
    pausedUntil: pausedUntil > now ? pausedUntil : null,
    waiting: sum(parties.filter((party) => party.job === job).map((party) => party.waiting)),
    taken,
    refused,
  };
}

const isLearned = (limit: PaceLimit, learned: LearnedLimit | null): boolean => learned !== null && isSame(limit, learnedAsLimit(learned));
