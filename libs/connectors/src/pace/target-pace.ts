import {
  type Budget,
  type SlotGrant,
  type LearnedLimit,
  type PaceLimit,
  type Party,
  type Refusal,
  type RequestKind,
  Slots,
  type Wish,
  announced,
  appliesTo,
  asOfNow,
  emptyBudget,
  exchanged,
  growLearned,
  holdsFor,
  learnFromRefusal,
  learnedAsLimit,
  movesOf,
  pausedFor,
  silentForMs,
  stopsUsingAfterMs,
  withAnswers,
} from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import { type AnswerHeaders, readRateHeaders, tellsOfRate } from '../shared/rate-headers.js';
import type { BudgetStore, StoredBudget } from './budget-store.js';
import { RecentAnswers } from './recent-answers.js';
import type { Asking, RequestPace, Turn } from './request-pace.js';

/** What an instance of a service tells of how it gets on with a target. */
export interface PaceCounts {
  readonly target: string;
  readonly job: string;
  readonly waiting: number;
  /** Since the start. */
  readonly waited: number;
  readonly refused: number;
  readonly isPaused: boolean;
  readonly limits: readonly { readonly slots: number; readonly perMs: number; readonly of: PaceLimit['of']; readonly held: number }[];
}

export interface PartyOptions {
  readonly store: BudgetStore;
  /** Key of the target's budget. */
  readonly target: string;
  /** Unlike that of every other party. */
  readonly name: string;
  readonly job: string;
  readonly declared: readonly PaceLimit[];
}

/** Who would have to wait longer is told so at once, and keeps nobody else from working. */
export const longestWaitMs = 600_000;
const beatMs = 1_000;
/** Who has had nothing to do for so long lends the others what is ready; who has had nothing for a beat, gives all away. */
const lendsAfterMs = 100;
/** After so long without a request everything is given back. */
const restsAfterMs = 5_000;
const mostTries = 20;
const firstBackOffMs = 250;
const longestBackOffMs = 60_000;
/** What was declared of a target is believed until it refuses more than this share. */
const refusedInSpiteOf = 0.01;
/** Fewer say nothing: one of the first three requests is a third of them. */
const refusedOften = 5;

interface Waiting extends Asking {
  readonly admit: (turn: Turn) => void;
  readonly refuse: (error: unknown) => void;
}

interface Held {
  readonly slots: Slots;
  /** When a request had to wait for one of them last, and when one for somebody in person. */
  wantedAt: number;
  urgentAt: number;
  /** When it rested last and had lent the others what they have more use for. */
  lentAt: number;
}

/** What a target takes and refuses lately that is overloaded, not down. */
const overload = { taken: 20, refused: 3, share: 0.08 };
const leastLookBackMs = 5_000;
const lookBackMs = 10_000;
const longLookBackMs = 60_000;
const kinds: readonly RequestKind[] = ['read', 'write'];

const keyOf = ({ perMs, of }: PaceLimit): string => `${perMs} ${of}`;

/**
 * One party of a target: paces the requests of one instance for one job by the slots that it holds, and exchanges slots with the others when somebody lacks
 * some. Without limits it only looks at the answers.
 */
export class TargetPace implements RequestPace {
  private readonly held = new Map<string, Held>();
  private readonly queue: Record<RequestKind, Record<'urgent' | 'ordinary', Waiting[]>> = {
    read: { urgent: [], ordinary: [] },
    write: { urgent: [], ordinary: [] },
  };
  private readonly recent = new RecentAnswers();
  private stored: StoredBudget = { value: emptyBudget, revision: 0 };
  private isAwake: boolean;
  private readonly pausedUntil: Record<RequestKind, number> = { read: 0, write: 0 };
  /** After a refusal one request goes ahead, and those of its kind wait for its answer. */
  private readonly scouts: Record<RequestKind, 'due' | 'away' | null> = { read: null, write: null };
  /** When it was to be asked again after it refused last. */
  private readonly askedAgainAt: Record<RequestKind, number> = { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY };
  private backOffs = 0;
  private heardAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;
  private usedAt = 0;
  private underWay = 0;
  private waited = 0;
  private refused = 0;
  /** What it was answered since the others were told of it. */
  private untold = { taken: 0, refused: 0 };
  /** What was learned since the budget was written last. */
  private news: ((learned: LearnedLimit | null, now: number) => LearnedLimit | null)[] = [];
  private longestReset = 0;
  private timer: NodeJS.Timeout | undefined;
  private beat: NodeJS.Timeout | undefined;
  private lending: NodeJS.Timeout | undefined;
  private exchanging: Promise<void> | null = null;
  private mustExchange = false;
  private endWatching: () => void = () => undefined;
  private isClosed = false;

  private constructor(private readonly options: PartyOptions) {
    this.isAwake = options.declared.length > 0;
  }

  static async open(options: PartyOptions): Promise<TargetPace> {
    const pace = new TargetPace(options);
    pace.endWatching = await options.store.watch(options.target, (stored) => pace.hear(stored));
    return pace;
  }

  take(asking: Asking): Turn | Promise<Turn> {
    if (!this.isAwake) {
      this.underWay += 1;
      return new PacedTurn(this, asking.kind, [], true, this.steady(), false);
    }
    this.askedAt = this.now();
    const turn = this.isAnybodyWaiting(asking) ? null : this.tryTake(asking.kind);
    return turn ?? this.enqueue(asking);
  }

  counts(): PaceCounts {
    const { target, job } = this.options;
    return {
      target,
      job,
      waiting: this.waitingCount(),
      waited: this.waited,
      refused: this.refused,
      isPaused: this.isPaused(this.now()),
      limits: [...this.held.values()].map(({ slots: { limit, held } }) => ({ slots: limit.slots, perMs: limit.perMs, of: limit.of, held })),
    };
  }

  /** Gives everything back that is not in use. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.endWatching();
    clearTimeout(this.timer);
    clearInterval(this.beat);
    clearTimeout(this.lending);
    this.rejectAll(new ConnectorError({ kind: 'unavailable', code: 'closed', message: 'the connection to the target was closed' }));
    await this.exchanging;
    if (this.heardAt > Number.NEGATIVE_INFINITY) await this.leave().catch(() => undefined); // the others take it for dead in a while
  }

  // ---------------------------------------------------------------- turns

  /** Called by the turn. */
  ended(turn: PacedTurn, answer: { readonly status: number; readonly headers: AnswerHeaders } | null): void {
    const now = this.now();
    this.underWay -= 1;
    const steady = this.steady();
    for (const slots of turn.taken) slots.finish(steady, answer === null ? null : steady - turn.takenAt);
    if (turn.taken.length > 0) this.usedAt = now;
    if (turn.isScout) this.sendScouts('away', null);
    if (answer) this.learn(turn.kind, answer, now);
    if (this.isAwake) this.pump();
    if (this.isAwake && this.waitingCount() + this.underWay === 0) this.lendSoon();
  }

  /** Called by the turn. */
  returned(turn: PacedTurn): void {
    const steady = this.steady();
    this.underWay -= 1;
    for (const slots of turn.taken) slots.giveBack(steady);
    if (turn.isScout) this.sendScouts('away', 'due');
    if (this.isAwake) this.pump();
  }

  private enqueue(asking: Asking): Promise<Turn> {
    const { kind, urgent, signal } = asking;
    const queue = this.queue[kind][urgent ? 'urgent' : 'ordinary'];
    this.waited += 1;
    return new Promise<Turn>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        ...asking,
        admit: (turn) => {
          signal.removeEventListener('abort', giveUp);
          resolve(turn);
        },
        refuse: (error) => {
          signal.removeEventListener('abort', giveUp);
          reject(error as Error);
        },
      };
      queue.push(waiting);
      signal.addEventListener('abort', giveUp, { once: true });
      this.pump();
    });
  }

  private isAnybodyWaiting({ kind, urgent }: Asking): boolean {
    const { urgent: first, ordinary } = this.queue[kind];
    return first.length > 0 || (!urgent && ordinary.length > 0);
  }

  /** Lets those go whose turn it is, and looks again when the next may come. */
  private pump(): void {
    clearTimeout(this.timer);
    let next = Number.POSITIVE_INFINITY;
    for (const urgency of ['urgent', 'ordinary'] as const) {
      for (const kind of this.kindsInTurn(urgency)) {
        const queue = this.queue[kind][urgency];
        while (queue.length > 0) {
          const turn = this.tryTake(kind);
          if (turn) {
            queue.shift()!.admit(turn);
            continue;
          }
          const at = this.nextAt(kind, urgency === 'urgent');
          if (at - this.now() > longestWaitMs && at < Number.POSITIVE_INFINITY) {
            for (const each of queue.splice(0)) each.refuse(this.tooLong(kind, at));
          } else next = Math.min(next, at);
          break;
        }
      }
    }
    const wait = next - this.now();
    if (wait < Number.POSITIVE_INFINITY) this.timer = setTimeout(() => this.pump(), Math.max(1, Math.ceil(wait)));
    if (this.lacksContact() || this.hasNewWish()) this.exchange();
  }

  /** Of two kinds that want the same slots, the one that waits longer goes first: reads and writes of a cycle need each other. */
  private kindsInTurn(urgency: 'urgent' | 'ordinary'): RequestKind[] {
    return this.queue.read[urgency].length >= this.queue.write[urgency].length ? ['write', 'read'] : ['read', 'write'];
  }

  private applicable(kind: RequestKind): Held[] {
    return [...this.held.values()].filter(({ slots }) => appliesTo(slots.limit, kind));
  }

  private tryTake(kind: RequestKind): PacedTurn | null {
    const now = this.now();
    if (this.lacksContact() || this.pausedUntil[kind] > now || this.scouts[kind] === 'away') return null;
    const held = this.applicable(kind);
    const steady = this.steady();
    if (held.some(({ slots }) => slots.nextAt(steady) > steady)) return null;
    for (const { slots } of held) slots.take(steady);
    this.underWay += 1;
    this.usedAt = now;
    const isScout = this.scouts[kind] === 'due';
    if (isScout) this.sendScouts('due', 'away');
    return new PacedTurn(
      this,
      kind,
      held.map(({ slots }) => slots),
      ![...this.held.values()].some(({ slots: { limit } }) => limit.of !== 'all'),
      steady,
      isScout,
    );
  }

  private sendScouts(from: 'due' | 'away', to: 'due' | 'away' | null): void {
    for (const kind of kinds) if (this.scouts[kind] === from) this.scouts[kind] = to;
  }

  /** When the first in a queue may go, as far as is known; notes what it lacks. */
  private nextAt(kind: RequestKind, urgent: boolean): number {
    const now = this.now();
    let at = this.lacksContact() || this.scouts[kind] === 'away' ? Number.POSITIVE_INFINITY : this.pausedUntil[kind];
    for (const held of this.applicable(kind)) {
      const ready = held.slots.nextAt(this.steady()) + this.ahead();
      if (ready > now) {
        held.wantedAt = now;
        if (urgent) held.urgentAt = now;
      }
      at = Math.max(at, ready);
    }
    // Whose slots are far from ready may still be given some that are nearer; who has been refused by the target may not.
    return at > now + longestWaitMs && this.pausedUntil[kind] <= now + longestWaitMs && this.mayGetMore(kind)
      ? Number.POSITIVE_INFINITY
      : at;
  }

  private mayGetMore(kind: RequestKind): boolean {
    const { limits, free } = this.stored.value;
    const now = this.now();
    return limits.some((limit, index) => appliesTo(limit, kind) && (free[index] ?? []).some(([at]) => at <= now + longestWaitMs));
  }

  private tooLong(kind: RequestKind, at: number): ConnectorError {
    const seconds = Math.ceil((at - this.now()) / 1_000);
    const why = this.pausedUntil[kind] >= at ? 'the target asks to be left alone' : 'what the target allows is used up';
    return new ConnectorError({
      kind: 'throttled',
      code: 'paused',
      message: `not tried, because ${why} for ${durationText(seconds)}`,
      retryAfterMs: seconds * 1_000,
    });
  }

  private waitingCount(): number {
    const { read, write } = this.queue;
    return read.urgent.length + read.ordinary.length + write.urgent.length + write.ordinary.length;
  }

  private rejectAll(error: unknown): void {
    for (const queues of Object.values(this.queue))
      for (const queue of Object.values(queues)) for (const each of queue.splice(0)) each.refuse(error);
  }

  // ---------------------------------------------------------------- what answers tell

  private learn(kind: RequestKind, { status, headers }: { readonly status: number; readonly headers: AnswerHeaders }, now: number): void {
    const isRefused = status === 429;
    const isUnavailable = status === 503;
    if (isRefused) this.untold.refused += 1;
    else if (this.isAwake) this.untold.taken += 1;
    this.recent.note(isUnavailable ? 'unavailable' : isRefused ? 'refused' : kind, now);
    if (!isRefused && !isUnavailable && !tellsOfRate(headers)) {
      this.backOffs = 0;
      return;
    }
    const told = readRateHeaders(headers, Date.now());
    if (isRefused) return this.noteRefusal(kind, told, now);
    if (isUnavailable) return this.noteUnavailable(kind, told, now);
    this.backOffs = 0;
    const parties = Math.max(1, Object.keys(this.stored.value.parties).length);
    const isUsedUp = told.remaining !== undefined && told.remaining <= this.underWay * parties; // by what is on its way, at the latest
    if (isUsedUp && told.resetMs !== undefined && told.resetMs > 0) this.pauseFor(kinds, told.resetMs, now);
    this.noteAnnouncement(told, now);
  }

  private noteRefusal(kind: RequestKind, told: ReturnType<typeof readRateHeaders>, now: number): void {
    this.refused += 1;
    const isNew = this.pausedUntil[kind] <= now;
    const asked = told.retryAfterMs ?? (told.remaining === undefined || told.remaining === 0 ? told.resetMs : undefined);
    const some = this.kindsRefusedWith(kind);
    this.pauseFor(some, asked ?? this.backOffMs(kind, now), now);
    for (const each of some) this.scouts[each] = 'due';
    const isBelieved =
      this.options.declared.length > 0 &&
      (this.recent.count('refused', 0, now) < refusedOften || this.recent.refusedShare(now) <= refusedInSpiteOf);
    if (!isBelieved) this.tellOfRefusal(kind, asked ?? 0, now);
    if (isNew) this.goOnFrom(some, this.pausedUntil[kind], now);
  }

  /** It is down, or cannot keep up. That it cannot is told by many refusals among many requests that it takes: a few of them are failures of its own. */
  private noteUnavailable(kind: RequestKind, told: ReturnType<typeof readRateHeaders>, now: number): void {
    const since = now - lookBackMs;
    const unavailable = this.recent.count('unavailable', since, now);
    const { taken } = this.recent.takenSince(since, kinds, now);
    const isOverload = taken >= overload.taken && unavailable >= Math.max(overload.refused, overload.share * taken);
    if (told.retryAfterMs !== undefined) this.pauseFor(kinds, told.retryAfterMs, now);
    else if (isOverload) this.pauseFor([kind], this.backOffMs(kind, now), now);
    else this.backOffs = 0;
    if (isOverload && this.options.declared.length === 0) this.tellOfRefusal(kind, 0, now, this.stored.value.learned !== null);
  }

  /** What it takes is told from no less than a few seconds, however often it refuses in that time. */
  private goOnFrom(some: readonly RequestKind[], askedAgainAt: number, now: number): void {
    for (const kind of some) if (now - this.askedAgainAt[kind] >= leastLookBackMs) this.askedAgainAt[kind] = askedAgainAt;
  }

  private backOffMs(kind: RequestKind, now: number): number {
    if (this.pausedUntil[kind] <= now) this.backOffs += 1;
    return Math.min(firstBackOffMs * 2 ** Math.min(this.backOffs - 1, 10), longestBackOffMs);
  }

  /** Those of both kinds where they are known to be limited together; or else only of the one that it refused, until it refuses the other as well. */
  private kindsRefusedWith(kind: RequestKind): readonly RequestKind[] {
    const { learned } = this.stored.value;
    const { declared } = this.options;
    const isDeclaredTogether = declared.some(({ of }) => of === 'all') && !declared.some(({ of }) => of === `${kind}s`);
    return isDeclaredTogether || (learned && kinds.every((each) => holdsFor(learned, each))) ? kinds : [kind];
  }

  /** @param isRough nothing can be told from what was taken lately */
  private tellOfRefusal(kind: RequestKind, waitMs: number, now: number, isRough = false): void {
    const { learned } = this.stored.value;
    const limit = learned && learnedAsLimit(learned);
    const held = limit && this.held.get(keyOf(limit))?.slots.held;
    const of = learned?.of === 'all' ? kinds : [kind];
    const since = Math.max(now - Math.max(learned ? longLookBackMs : lookBackMs, waitMs), ...of.map((each) => this.askedAgainAt[each]));
    const refusal: Refusal = {
      party: this.options.name,
      kind,
      ...(isRough ? { taken: 0, overMs: 0 } : this.recent.takenSince(since, of, now)),
      ...(!isRough && learned && this.inWindow(learned, holdsFor(learned, kind) ? of : kinds, now)),
      waitMs,
      share: held ? Math.min(1, held / limit.slots) : 1,
    };
    this.news.push((known, at) => (known?.by === 'announced' ? known : learnFromRefusal(known, refusal, at)));
    this.exchange();
  }

  /** What it took in the time over which it seems to count. It has that full, whether it was left alone meanwhile or not. */
  private inWindow({ windowMs }: Partial<LearnedLimit>, of: readonly RequestKind[], now: number): Pick<Refusal, 'inWindow'> {
    return windowMs !== undefined && windowMs <= longLookBackMs ? { inWindow: this.recent.takenWithin(windowMs, of, now) } : {};
  }

  /** What a target announces is kept once half of it is used: one that allows more than is ever asked for costs nothing. */
  private noteAnnouncement({ limit, remaining, resetMs, windowMs }: ReturnType<typeof readRateHeaders>, now: number): void {
    if (this.options.declared.length > 0 || limit === undefined || remaining === undefined || remaining > limit / 2) return;
    this.longestReset = Math.max(this.longestReset, resetMs ?? 0);
    const perMs = windowMs ?? this.longestReset;
    const known = this.stored.value.learned;
    const isKnown = known?.by === 'announced' && Math.round(known.rate * known.perMs) === limit && known.perMs >= perMs * 0.9;
    if (perMs < 1_000 || isKnown || this.news.length > 0) return;
    this.news.push((learned) => (learned?.by === 'announced' && learned.perMs > perMs ? learned : announced(limit, perMs, now)));
    this.exchange();
  }

  private pauseFor(some: readonly RequestKind[], ms: number, now: number): void {
    const until = now + ms;
    const later = some.filter((kind) => until > this.pausedUntil[kind]);
    if (later.length === 0) return;
    for (const kind of later) this.pausedUntil[kind] = until;
    this.isAwake = true;
    this.exchange();
  }

  private isPaused(now: number): boolean {
    return kinds.some((kind) => this.pausedUntil[kind] > now);
  }

  // ---------------------------------------------------------------- the others

  private now(): number {
    return this.options.store.now();
  }

  /**
   * Slots go by this process's own clock: the parties' is set a little whenever it is compared, and a slot that comes a millisecond early is a refusal.
   */
  private steady(): number {
    return performance.now();
  }

  /** What the parties' clock is ahead of the own one. */
  private ahead(): number {
    return this.now() - this.steady();
  }

  /** Who has not been heard of for a while may be taken for dead by the others: until they have heard, nothing is used. */
  private lacksContact(): boolean {
    return this.isAwake && this.now() - this.heardAt > stopsUsingAfterMs;
  }

  private hasNewWish(): boolean {
    const me = this.stored.value.parties[this.options.name];
    if (!me) return true;
    return this.stored.value.limits.some((limit, index) => {
      const held = this.held.get(keyOf(limit));
      if (!held) return false;
      const wish = this.wishOf(held);
      return (
        rank(wish) > rank(me.wishes[index] ?? 'none') || (wish !== 'none' && isMuchMore(this.wantOf(held, this.now()), me.wants?.[index]))
      );
    });
  }

  private wishOf(held: Held): Wish {
    const now = this.now();
    if (now - held.urgentAt < beatMs) return 'urgent';
    return now - held.wantedAt < beatMs && !this.lends(held) ? 'more' : 'none';
  }

  private hear(stored: StoredBudget): void {
    if (stored.revision <= this.stored.revision || this.isClosed) return;
    this.stored = stored;
    const now = this.now();
    const { limits } = stored.value;
    let news = false;
    for (const kind of kinds) {
      const until = pausedFor(stored.value, kind);
      if (until <= now || until <= this.pausedUntil[kind]) continue;
      this.pausedUntil[kind] = until;
      news = true;
    }
    if (!this.isAwake && (limits.length > 0 || news)) this.isAwake = true;
    if (this.isAwake && this.beat !== undefined) this.exchange();
  }

  /** Soon, and once for all that happens until then. */
  private exchange(): void {
    if (this.isClosed) return;
    this.beat ??= setInterval(() => this.onBeat(), beatMs);
    this.mustExchange = true;
    this.exchanging ??= this.exchangeAll().finally(() => {
      this.exchanging = null;
    });
  }

  private async exchangeAll(): Promise<void> {
    while (this.mustExchange && !this.isClosed) {
      this.mustExchange = false;
      const hasTold = await this.exchangeOnce().catch(() => false); // the store is away: the next beat tries again
      this.pump();
      if (!hasTold) return;
    }
  }

  /** Looks soon whether the others want what is ready here, and again as long as there is nothing to do with it. */
  private lendSoon(): void {
    this.lending ??= setTimeout(() => {
      this.lending = undefined;
      if (this.isClosed || this.beat === undefined || this.waitingCount() + this.underWay > 0) return;
      if ([...this.held.values()].some((held) => this.lends(held))) this.exchange();
      if (this.now() - this.busyAt() <= beatMs) this.lendSoon();
    }, lendsAfterMs);
  }

  private onBeat(): void {
    const now = this.now();
    if (now - this.busyAt() <= restsAfterMs || this.isPaused(now)) return this.exchange();
    if (this.exchanging) return;
    this.exchanging = this.leave()
      .catch(() => undefined)
      .finally(() => {
        this.exchanging = null;
      });
  }

  /** Tells the others of itself and moves slots, as long as it takes to do that on the newest budget; nothing is written where nothing is new. */
  private async exchangeOnce(): Promise<boolean> {
    const { store, target, name } = this.options;
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const now = this.now();
      const news = [...this.news];
      const { value: before, revision } = this.stored;
      const mine = before.parties[name];
      if (this.heardAt > Number.NEGATIVE_INFINITY && (!mine || now - this.heardAt >= silentForMs)) this.forget();
      const learned = news.reduce((known, tell) => tell(known, now), before.learned);
      const grown = learned && this.waitingCount() > 0 && !this.isPaused(now) ? growLearned(learned, now) : learned;
      const budget = asOfNow(
        {
          ...before,
          learned: grown,
          ...this.pauses(before),
          parties: { ...before.parties, [name]: this.tellOf(before, now) },
        },
        now,
      );
      this.fit(budget);
      const told = { ...budget, parties: { ...budget.parties, [name]: this.tellOf(budget, now) } };
      const moves = movesOf(told, name);
      const isNews = news.length > 0 || moves.some(({ give, take }) => give + take > 0);
      if (!isNews && !this.isWorthTelling(told, before, now)) return false;
      const given = moves.map(({ give }, index) => this.held.get(keyOf(told.limits[index]!))!.slots.release(give, this.ahead()));
      const result = exchanged(told, name, given, moves);
      const { untold } = this;
      this.untold = { taken: 0, refused: 0 };
      const next = withAnswers(result.budget, this.options.job, untold, now);
      const written = await store.replace(target, next, revision).catch((error: unknown) => {
        this.tellLater(untold);
        this.receive(told.limits, given);
        throw error;
      });
      if (written !== null) {
        this.news = this.news.slice(news.length);
        if (this.stored.revision < written) this.stored = { value: next, revision: written };
        this.heardAt = now;
        this.receive(told.limits, result.got);
        if (told.limits.length === 0 && !this.isPaused(now)) this.sleep();
        return true;
      }
      this.tellLater(untold);
      this.receive(told.limits, given);
      const newest = await store.find(target);
      if (newest && newest.revision > this.stored.revision) this.stored = newest;
      if (!newest) this.stored = { value: emptyBudget, revision: 0 };
    }
    return false;
  }

  private tellLater({ taken, refused }: { readonly taken: number; readonly refused: number }): void {
    this.untold.taken += taken;
    this.untold.refused += refused;
  }

  private isWorthTelling(told: Budget, before: Budget, now: number): boolean {
    const { name } = this.options;
    const known = before.parties[name];
    if (!known || now - known.heardAt >= beatMs * 0.9) return true;
    if (
      kinds.some((kind) => pausedFor(told, kind) > pausedFor(before, kind)) ||
      told.limits.map(keyOf).join() !== before.limits.map(keyOf).join()
    )
      return true;
    const { wishes, wants } = told.parties[name]!;
    return wishes.some(
      (wish, limit) =>
        rank(wish) > rank(known.wishes[limit] ?? 'none') || (wish !== 'none' && isMuchMore(wants![limit]!, known.wants?.[limit])),
    );
  }

  private pauses(before: Budget): Pick<Budget, 'pausedUntil' | 'pausedKinds'> {
    const [read, write] = kinds.map((kind) => Math.max(pausedFor(before, kind), this.pausedUntil[kind])) as [number, number];
    return { pausedUntil: Math.min(read, write), ...(read !== write && { pausedKinds: { read, write } }) };
  }

  private tellOf({ limits }: Budget, now: number): Party {
    const held = limits.map((limit) => this.held.get(keyOf(limit)));
    return {
      job: this.options.job,
      heardAt: now,
      usedAt: Math.round(this.usedAt),
      has: held.map((each) => each?.slots.held ?? 0),
      used: held.map((each) => each?.slots.used(this.steady()) ?? 0),
      wishes: held.map((each) => (each ? this.wishOf(each) : this.waitingCount() > 0 ? 'more' : 'none')),
      wants: held.map((each) => (each ? this.wantOf(each, now) : 2 * Math.max(1, this.waitingCount()))),
      declared: this.options.declared,
      waiting: this.waitingCount(),
    };
  }

  /**
   * Twice what it has while requests wait, until that is enough; or else what it uses and a little more. Who holds much lends it as soon as it rests, and
   * who rests longer has use for nothing: to be given slots takes a moment, and others may want them.
   */
  private wantOf(held: Held, now: number): number {
    const { slots } = held;
    if (this.wishOf(held) !== 'none') return 2 * Math.max(1, slots.held, this.waitingFor(slots.limit));
    const used = slots.used(this.steady());
    if (now - this.busyAt() > beatMs) return 0;
    const few = Math.ceil(Math.sqrt(used));
    return this.lends(held) ? Math.min(used, few) : used + Math.max(1, Math.ceil(few / 2));
  }

  /** Whether it rests and lends what it holds: who has used more than half of what is its own when everybody wants some. Less is kept, and soon used again. */
  private lends(held: Held): boolean {
    const now = this.now();
    if (now - this.busyAt() < lendsAfterMs) return false;
    const { slots, perMs, of } = held.slots.limit;
    const lookBack = Math.min(perMs, longLookBackMs);
    const { taken } = this.recent.takenSince(now - lookBack, of === 'all' ? kinds : [of === 'reads' ? 'read' : 'write'], now);
    const share = slots / Object.keys(this.stored.value.parties).length;
    if (lookBack > 0 && (taken * perMs) / lookBack > share / 2) held.lentAt = now;
    return held.lentAt > this.busyAt();
  }

  private waitingFor({ of }: PaceLimit): number {
    const count = ({ urgent, ordinary }: (typeof this.queue)[RequestKind]): number => urgent.length + ordinary.length;
    return (of === 'writes' ? 0 : count(this.queue.read)) + (of === 'reads' ? 0 : count(this.queue.write));
  }

  /** When there was something to do last. */
  private busyAt(): number {
    return this.waitingCount() + this.underWay > 0 ? this.now() : Math.max(this.askedAt, this.usedAt);
  }

  /** Holds slots of the limits that there are now. */
  private fit({ limits }: Budget): void {
    for (const limit of limits) {
      const known = this.held.get(keyOf(limit));
      if (known) known.slots.limit = limit;
      else {
        const wantedAt = this.waitingCount() > 0 ? this.now() : Number.NEGATIVE_INFINITY;
        const isUrgent = this.queue.read.urgent.length + this.queue.write.urgent.length > 0;
        const never = Number.NEGATIVE_INFINITY;
        this.held.set(keyOf(limit), { slots: new Slots(limit), wantedAt, urgentAt: isUrgent ? wantedAt : never, lentAt: never });
      }
    }
    const keys = new Set(limits.map(keyOf));
    for (const key of this.held.keys()) if (!keys.has(key)) this.held.delete(key);
  }

  private receive(limits: readonly PaceLimit[], grants: readonly (readonly SlotGrant[])[]): void {
    const ahead = this.ahead();
    for (const [index, limit] of limits.entries()) this.held.get(keyOf(limit))?.slots.receive(grants[index]!, ahead);
  }

  private forget(): void {
    for (const { slots } of this.held.values()) slots.drop();
  }

  /** Gives all back and is no party any more, until the next request. */
  private async leave(): Promise<void> {
    const { store, target, name } = this.options;
    clearInterval(this.beat);
    this.beat = undefined;
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const { value: budget, revision } = this.stored;
      if (!budget.parties[name]) break;
      const now = this.now();
      const current = asOfNow(budget, now);
      const { [name]: _left, ...parties } = current.parties;
      const given = current.limits.map((limit) => this.held.get(keyOf(limit))?.slots.release(Number.POSITIVE_INFINITY, this.ahead()) ?? []);
      const free = current.free.map((grants, index) => [...grants, ...given[index]!]);
      const left = asOfNow({ ...current, parties, free }, now);
      // With the last party its declaration goes; what was used must not be forgotten with it.
      const kept = Object.keys(parties).length > 0 ? left : { ...current, parties, free };
      const written = await store.replace(target, kept, revision).catch((error: unknown) => {
        this.receive(current.limits, given);
        throw error;
      });
      if (written !== null) {
        if (this.stored.revision < written) this.stored = { value: kept, revision: written };
        break;
      }
      this.receive(current.limits, given);
      this.stored = (await store.find(target)) ?? { value: emptyBudget, revision: 0 };
    }
    this.held.clear();
    this.heardAt = Number.NEGATIVE_INFINITY;
    this.isAwake = this.options.declared.length > 0 || this.stored.value.learned !== null;
    if (this.waitingCount() > 0) this.exchange();
  }

  /** There is no limit any more. */
  private sleep(): void {
    this.isAwake = false;
    this.sendScouts('due', null);
    clearInterval(this.beat);
    this.beat = undefined;
    for (const kind of kinds)
      for (const urgency of ['urgent', 'ordinary'] as const)
        for (const each of this.queue[kind][urgency].splice(0)) each.admit(this.take(each) as Turn);
  }
}

const isMuchMore = (wanted: number, told = 0): boolean => wanted > told * 1.5;
const rank = (wish: Wish): number => ['none', 'more', 'urgent'].indexOf(wish);

class PacedTurn implements Turn {
  private isOver = false;

  constructor(
    private readonly pace: TargetPace,
    readonly kind: RequestKind,
    readonly taken: readonly Slots[],
    readonly suitsBoth: boolean,
    readonly takenAt: number,
    readonly isScout: boolean,
  ) {}

  finish(answer: { readonly status: number; readonly headers: AnswerHeaders } | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pace.ended(this, answer);
  }

  giveBack(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pace.returned(this);
  }
}

const durationText = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
};
