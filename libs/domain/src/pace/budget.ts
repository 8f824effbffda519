import { forgottenAfterMs, type LearnedLimit, learnedAsLimit } from './learned-limit.js';
import { joinLimits, type PaceLimit } from './limit.js';
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
  /** What its job declares. */
  readonly declared: readonly PaceLimit[];
  /** Requests that wait. */
  readonly waiting: number;
}

/** What all parties of one target share. Every slot of a limit is held by a party or free. Instants are milliseconds of the parties' clock. */
export interface Budget {
  readonly limits: readonly PaceLimit[];
  readonly learned: LearnedLimit | null;
  /** The target wants to be left alone until then; 0 or past: it does not. */
  readonly pausedUntil: number;
  /** By limit. */
  readonly free: readonly (readonly SlotGrant[])[];
  readonly parties: Readonly<Record<string, Party>>;
}

export const emptyBudget: Budget = { limits: [], learned: null, pausedUntil: 0, free: [], parties: {} };

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
  const isForgotten = known !== null && now - known.refusedAt > forgottenAfterMs && !living.some(([, { waiting }]) => waiting > 0);
  const learned = isForgotten ? null : known;
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
  return { limits, learned, pausedUntil, free, parties };
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

/**
 * How many slots of a limit each party that wants some ought to hold: jobs alike, and the parties of a job alike, whoever is asked for in person four
 * times as much. What parties hold that want no more is theirs.
 */
export function fairShares({ limits, parties }: Budget, limit: number): Map<string, number> {
  const wanting = Object.entries(parties).filter(([, { wishes }]) => wishes[limit] !== 'none');
  const others = sum(Object.values(parties).map(({ wishes, has }) => (wishes[limit] === 'none' ? has[limit]! : 0)));
  const jobs = new Map<string, number>();
  for (const [, { job }] of wanting) jobs.set(job, (jobs.get(job) ?? 0) + 1);
  const weighed = wanting.map(([name, { job, wishes, usedAt }]) => ({
    name,
    usedAt,
    weight: (wishes[limit] === 'urgent' ? 4 : 1) / jobs.get(job)!,
  }));
  const whole = Math.max(0, limits[limit]!.slots - others);
  const weights = sum(weighed.map(({ weight }) => weight));
  const shares = weighed.map((each) => ({ ...each, share: (whole * each.weight) / weights }));
  let rest = whole - sum(shares.map(({ share }) => Math.floor(share)));
  const result = new Map<string, number>();
  for (const { name, share } of [...shares].sort(
    (a, b) => Number(a.share >= 1) - Number(b.share >= 1) || a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1),
  )) {
    const more = rest > 0 && share % 1 > 0 ? 1 : 0;
    rest -= more;
    result.set(name, Math.floor(share) + more);
  }
  return result;
}

/** What a party is to do with its slots of one limit. */
export interface Move {
  readonly give: number;
  readonly take: number;
}

/**
 * What follows for one party: it gives what others lack for their share and it does not need, or has above its own; it takes what is free, and more than its
 * share only while nobody else wants it. A difference of one is not worth the trouble unless somebody has none.
 * @param idle slots of each limit that the party holds and has no use for now
 */
export function movesOf(budget: Budget, name: string, idle: readonly number[]): Move[] {
  const me = budget.parties[name]!;
  return budget.limits.map(({ slots }, limit): Move => {
    const shares = fairShares(budget, limit);
    const free = slotsIn(budget.free[limit]!);
    const has = me.has[limit]!;
    const held = sum(Object.values(budget.parties).map((party) => party.has[limit]!));
    const lacking = sum(
      Object.entries(budget.parties).map(([other, party]) => {
        const lack = other === name ? 0 : (shares.get(other) ?? 0) - party.has[limit]!;
        return lack > 1 || (lack === 1 && party.has[limit] === 0) ? lack : 0;
      }),
    );
    const tooMany = Math.max(0, held - slots);
    if (me.wishes[limit] === 'none') return { give: Math.min(idle[limit]!, Math.max(tooMany, lacking - free)), take: 0 };
    const mine = shares.get(name)!;
    const excess = Math.max(0, has - mine);
    if (excess > 0) return { give: Math.min(excess, Math.max(tooMany, lacking - free)), take: 0 };
    const mostForMe = lacking > 0 ? mine - has : free;
    return { give: 0, take: Math.max(0, Math.min(free, mostForMe)) };
  });
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
  const { limits, learned, pausedUntil, parties } = asOfNow(budget, now);
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
