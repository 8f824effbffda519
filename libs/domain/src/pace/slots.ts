import type { PaceLimit } from './limit.js';

/** The parties' clocks agree to so much: who is given a slot waits that much longer for it. */
const clocksAgreeToMs = 50;
/** So much of the time of the quickest answer is relied on. */
const trusted = { share: 0.9, lessMs: 1 };

/** So many slots that are ready from that instant on. */
export type SlotGrant = readonly [readyAt: number, slots: number];

/**
 * The slots of one limit that one party holds, and the order in which they become ready again. Instants are milliseconds of the party's own clock, which
 * nobody sets; only what it gives and is given is told by the clock that all parties share.
 */
export class Slots {
  /** When each free slot was free and its time over, the soonest first; {@link headStart} earlier it may be taken again. */
  private ready: number[] = [];
  private quickest = Number.POSITIVE_INFINITY;
  private busy = 0;
  /** What may be taken without a pause; fills evenly. */
  private credit = 0;
  private creditAt = Number.NEGATIVE_INFINITY;

  constructor(public limit: PaceLimit) {}

  /** Slots that are held, free or not. */
  get held(): number {
    return this.ready.length + this.busy;
  }

  /** Slots whose requests the target may still count. */
  used(now: number): number {
    return this.held - this.readyNow(now);
  }

  readyNow(now: number): number {
    let count = 0;
    const until = now + this.headStart();
    while (count < this.ready.length && this.ready[count]! <= until) count++;
    return count;
  }

  /** The instant from which a slot can be taken; infinity when all of them are busy, or there is none. */
  nextAt(now: number): number {
    const first = this.ready[0];
    if (first === undefined) return Number.POSITIVE_INFINITY;
    this.fill(now);
    const { perMs } = this.limit;
    const credited = this.credit >= 1 || perMs === 0 ? now : now + ((1 - this.credit) * perMs) / this.held;
    return Math.max(first - this.headStart(), credited);
  }

  /** Call only when {@link nextAt} has come. */
  take(now: number): void {
    this.fill(now);
    this.ready.shift();
    this.credit -= 1;
    this.busy += 1;
  }

  /** The answer came, or none will. @param tookMs how long an answer took; null without one */
  finish(now: number, tookMs: number | null = null): void {
    this.busy -= 1;
    if (tookMs !== null) this.quickest = Math.min(this.quickest, tookMs);
    this.insert(now + this.limit.perMs);
  }

  /** It was taken, and no request was made. */
  giveBack(now: number): void {
    this.busy -= 1;
    this.credit += 1;
    this.insert(now + this.headStart());
  }

  /** @param aheadMs what the clock of the grants is ahead of the own one */
  receive(grants: readonly SlotGrant[], aheadMs = 0): void {
    for (const [readyAt, slots] of grants) for (let each = 0; each < slots; each++) this.insert(readyAt - aheadMs + this.headStart());
  }

  /**
   * Gives slots away, as many of those that are ready soon as of the others, so that neither side has to stand still until its first is ready; fewer when so
   * many are not free. @param aheadMs what the clock of the grants is ahead of the own one
   */
  release(count: number, aheadMs = 0): SlotGrant[] {
    const { perMs } = this.limit;
    const grain = Math.max(1, perMs / 200);
    const grants = new Map<number, number>();
    for (const readyAt of this.pick(count)) {
      const at = Math.ceil((readyAt - this.headStart() + aheadMs + clocksAgreeToMs) / grain) * grain;
      grants.set(at, (grants.get(at) ?? 0) + 1);
    }
    return [...grants];
  }

  /** Takes so many out, evenly over time and the soonest among them. */
  private pick(count: number): number[] {
    const every = Math.max(1, this.ready.length / count);
    const isPicked = new Set(Array.from({ length: Math.min(count, this.ready.length) }, (_, each) => Math.floor(each * every)));
    const picked = this.ready.filter((_, at) => isPicked.has(at));
    this.ready = this.ready.filter((_, at) => !isPicked.has(at));
    return picked;
  }

  /** Slots that are lost, such as when too long nothing was heard of the others. */
  drop(): void {
    this.ready = [];
  }

  /**
   * A request was counted at the latest when its answer had come, less what the quickest answer takes: on that time the next request will be on its way
   * as well. Not all of it: a request may be quicker there than that one, after one whose answer was quicker back, and who comes a hair too early is
   * refused and told to wait for a whole second. Requests at once are over when they are over.
   */
  private headStart(): number {
    const { share, lessMs } = trusted;
    return this.limit.perMs === 0 || this.quickest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.quickest * share - lessMs);
  }

  private fill(now: number): void {
    const { perMs, burst, slots } = this.limit;
    const most = Math.max(1, (burst * this.held) / slots);
    const gained = this.creditAt === Number.NEGATIVE_INFINITY ? most : perMs === 0 ? most : ((now - this.creditAt) * this.held) / perMs;
    this.credit = Math.min(most, this.credit + Math.max(0, gained));
    this.creditAt = now;
  }

  private insert(readyAt: number): void {
    let at = this.ready.length;
    while (at > 0 && this.ready[at - 1]! > readyAt) at--;
    if (at === this.ready.length) this.ready.push(readyAt);
    else this.ready.splice(at, 0, readyAt);
  }
}
