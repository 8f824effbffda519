import { Random } from './random.js';
import { type VirtualTime, real, running, within } from './virtual-time.js';

interface Event {
  at: number;
  readonly tie: number;
  /** Whose code runs; null for what happens outside of all processes, such as a request that is on its way. */
  readonly owner: SimProcess | null;
  readonly run: () => void | Promise<void>;
  isOff: boolean;
}

/** How rough the world is, as chances per event; drawn anew for each seed. */
export interface Roughness {
  /** A process is killed instead of going on. */
  readonly crash: number;
  /** A process stands still for longer than its lease. */
  readonly pause: number;
  /** Longest time that a message travels, in milliseconds. */
  readonly travelMs: number;
}

const noRoughness: Roughness = { crash: 0, pause: 0, travelMs: 5 };
const longestInFlightMs = 150;
/** So long a process stands still at most. */
export const longestPauseMs = 12_000;

/** Everything that happens in one seed: events in the order of a clock that nobody waits for, drawn from one source of chance. */
export class World {
  readonly random: Random;
  readonly journal: string[] = [];
  /** What must never happen, in sentences. */
  readonly violations: string[] = [];
  readonly counts = { events: 0, crashes: 0, pauses: 0, faults: 0 };
  roughness: Roughness = noRoughness;
  nowMs = 0;
  private readonly queue = new Heap();

  constructor(readonly seed: number) {
    this.random = new Random(seed);
  }

  /** The wall clock that goes with the world's own. */
  date(): Date {
    return new Date(Date.UTC(2026, 2, 1, 8) + Math.floor(this.nowMs));
  }

  calm(): void {
    this.roughness = noRoughness;
  }

  note(text: string): void {
    this.journal.push(`${(this.nowMs / 1_000).toFixed(3).padStart(9)} ${text}`);
  }

  violated(text: string): void {
    this.note(`VIOLATED ${text}`);
    this.violations.push(text);
  }

  schedule(delayMs: number, owner: SimProcess | null, run: () => void | Promise<void>): Event {
    const event: Event = { at: this.nowMs + delayMs, tie: this.random.next(), owner, run, isOff: false };
    this.queue.push(event);
    return event;
  }

  travelMs(): number {
    return this.random.chance(0.1) ? this.random.between(0, this.roughness.travelMs) : this.random.next() * 2;
  }

  /**
   * A call that crosses a port: travels there, takes effect, travels back. Whoever called may die on the way; then the effect takes place or does
   * not, and nobody hears of it. The world stands still while an effect does real input or output, so that chance alone decides upon order.
   * @param lives whether the effect may take place although the caller is dead: for single requests that are on the wire
   */
  call<Result>(
    effect: () => Result | Promise<Result>,
    { survives = true, fault }: { survives?: boolean; fault?: Fault } = {},
  ): Promise<Result> {
    const caller = running() as SimProcess;
    return new Promise<Result>((resolve, reject) => {
      this.schedule(Math.min(this.travelMs(), longestInFlightMs), null, async () => {
        if (!caller.isAlive && (!survives || this.random.chance(0.5))) return;
        let answer: () => void;
        try {
          if (fault && !fault.takesEffect) throw fault.error;
          const result = await effect();
          if (fault) throw fault.error;
          answer = () => resolve(result);
        } catch (error) {
          answer = () => reject(error as Error);
        }
        this.schedule((fault?.afterMs ?? 0) + this.travelMs(), caller, answer);
      });
    });
  }

  /** Lets time pass up to a moment, or until a question is answered with yes. */
  async runUntil(ms: number, isDone: () => boolean = () => false): Promise<void> {
    while (this.violations.length === 0 && !isDone()) {
      const next = this.queue.peek();
      if (!next || next.at > ms) break;
      this.queue.pop();
      await this.play(next);
    }
    this.nowMs = Math.max(this.nowMs, isDone() ? this.nowMs : ms);
  }

  private async play(event: Event): Promise<void> {
    this.nowMs = Math.max(this.nowMs, event.at);
    const { owner } = event;
    if (event.isOff || (owner && !owner.isAlive)) return;
    if (owner && owner.pausedUntilMs > this.nowMs) {
      // In the order in which it would have come, all at once.
      event.at = owner.pausedUntilMs + event.at * 1e-9;
      this.queue.push(event);
      return;
    }
    this.counts.events++;
    if (owner && this.random.chance(this.roughness.crash)) return owner.crash('killed');
    if (owner && this.random.chance(this.roughness.pause)) owner.pause(this.random.between(500, longestPauseMs));
    if (owner) within(owner, event.run);
    else await event.run();
    await settled();
  }
}

/** An answer that fails, whether or not the effect took place. */
export interface Fault {
  readonly takesEffect: boolean;
  readonly error: Error;
  readonly afterMs?: number;
}

/** One process: what it has waiting ends with it. */
export class SimProcess implements VirtualTime {
  isAlive = true;
  pausedUntilMs = 0;
  private readonly stopper = new AbortController();

  constructor(
    readonly world: World,
    readonly name: string,
    private readonly died: () => void,
  ) {}

  get signal(): AbortSignal {
    return this.stopper.signal;
  }

  crash(why: string): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.world.counts.crashes++;
    this.world.note(`${this.name} dies: ${why}`);
    this.died();
  }

  pause(ms: number): void {
    this.pausedUntilMs = this.world.nowMs + ms;
    this.world.counts.pauses++;
    this.world.note(`${this.name} stands still for ${ms} ms`);
  }

  now(): number {
    return this.world.nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const event = this.world.schedule(ms, this, run);
    return () => (event.isOff = true);
  }

  soon(run: () => void): () => void {
    return this.after(this.world.random.chance(0.05) ? this.world.travelMs() : this.world.random.next(), run);
  }

  random(): number {
    return this.world.random.next();
  }
}

/** Everything that follows at once has happened: microtasks have run dry. */
const settled = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve));

/** Events by time, then by chance. */
class Heap {
  private readonly events: Event[] = [];

  peek(): Event | undefined {
    return this.events[0];
  }

  push(event: Event): void {
    const { events } = this;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent]!)) break;
      events[at] = events[parent]!;
      at = parent;
    }
    events[at] = event;
  }

  pop(): Event | undefined {
    const { events } = this;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++;
      if (!isBefore(events[child]!, last)) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

const isBefore = (one: Event, other: Event): boolean => one.at < other.at || (one.at === other.at && one.tie < other.tie);
