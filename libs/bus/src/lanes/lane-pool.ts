import { isDemandLane } from '@provident/contracts';
import type { JobId } from '@provident/domain';

import { StaleWriter } from '../event-log.js';
import type { JobRegistry } from '../job-registry.js';
import type { LaneProgram, Unit } from './lane-program.js';
import { LeaseLost } from './lane-program.js';
import type { Leases } from './leases.js';
import { sharesOf } from './shares.js';

/** A part of the work that somebody has to do, and how to do it until the signal is given. */
export interface Work {
  readonly unit: Unit;
  /** Each kind is shared evenly by itself; units that are likely to be busy together are of one kind. Without one, all are alike. */
  readonly kind?: string;
  readonly run: (signal: AbortSignal, assertHeld: () => void) => Promise<void>;
}

export interface WorkPorts {
  readonly leases: Leases;
  readonly onTrouble: (unit: Unit, error: unknown) => void;
  /** Tells when there may be other work. */
  readonly onChange: (listener: () => void) => unknown;
}

export interface PoolPorts {
  readonly leases: Leases;
  readonly registry: JobRegistry;
  readonly onTrouble: (unit: Unit, error: unknown) => void;
}

const roundMs = 400;
const restMs = 300;
const longestRestMs = 10_000;

const nameOf = ({ jobId, lane }: Unit): string => `${jobId}.${lane}`;

const kindOf = ({ kind }: Work): string => kind ?? '';
const hasRoom = (room: ReadonlyMap<string, number>, work: Work): boolean => (room.get(kindOf(work)) ?? 0) > 0;
/** @returns whether there was room for it */
function take(room: Map<string, number>, work: Work): boolean {
  if (!hasRoom(room, work)) return false;
  room.set(kindOf(work), room.get(kindOf(work))! - 1);
  return true;
}

/** Shares units of work evenly among the living instances of a service, and runs those that fall to this one. */
export class WorkPool {
  private readonly running = new Map<string, { stop: AbortController; done: Promise<void> }>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly ports: WorkPorts,
    /** All the work that there is now, whoever does it. */
    private readonly list: () => readonly Work[],
  ) {}

  start(): void {
    this.ports.onChange(() => this.kick());
    this.timer = setInterval(() => this.kick(), roundMs);
    this.kick();
  }

  /** Units that this instance works on. */
  get size(): number {
    return this.running.size;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
    await this.endAll();
    await this.ports.leases.leave();
  }

  private kick(): void {
    if (this.round !== null || this.stopped) return;
    this.round = this.rebalance()
      .catch(() => undefined) // the broker is away: the next round tries again
      .finally(() => {
        this.round = null;
      });
  }

  private async rebalance(): Promise<void> {
    const { leases } = this.ports;
    if (!leases.isAlive()) return this.endAll();
    const all = new Map(this.list().map((work) => [nameOf(work.unit), work]));
    const instances = leases.instances();
    const kinds = [...all.values()].map(kindOf);
    const room = sharesOf(kinds, instances.indexOf(leases.instance), instances.length);
    const givenUp = [...this.running.keys()].filter((name) => {
      const work = all.get(name);
      return !work || !leases.holds(name) || !take(room, work);
    });
    await Promise.all(givenUp.map((name) => this.end(name)));
    for (const [name, work] of all) {
      if (this.running.has(name)) continue;
      if (this.stopped || !hasRoom(room, work)) {
        await leases.release(name); // a predecessor of this name held more than falls to this instance now: nobody else would take it
        continue;
      }
      const mine = leases.holds(name) || (leases.isFree(name) && (await leases.take(name)));
      if (mine && take(room, work)) this.begin(name, work);
    }
  }

  private begin(name: string, work: Work): void {
    const stop = new AbortController();
    this.running.set(name, { stop, done: this.keepRunning(name, work, stop.signal) });
  }

  /** Runs the work again after a failure, with growing rests, as long as the unit is held. */
  private async keepRunning(name: string, work: Work, signal: AbortSignal): Promise<void> {
    const { leases, onTrouble } = this.ports;
    const assertHeld = (): void => {
      if (!leases.isAlive() || !leases.holds(name)) throw new LeaseLost(`the lease of ${name} ran out`);
    };
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = performance.now();
      try {
        await work.run(signal, assertHeld);
        if (signal.aborted) return;
      } catch (error) {
        if (performance.now() - startedAt > longestRestMs) failures = 0;
        failures++;
        if (!(error instanceof StaleWriter) && !(error instanceof LeaseLost)) onTrouble(work.unit, error);
      }
      await rest(Math.min(restMs * 2 ** Math.min(failures, 6), longestRestMs), signal);
    }
  }

  private async endAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((name) => this.end(name)));
  }

  private async end(name: string): Promise<void> {
    const entry = this.running.get(name);
    if (!entry) return;
    entry.stop.abort();
    await entry.done;
    this.running.delete(name);
    await this.ports.leases.release(name);
  }
}

/** The units of all jobs, shared. */
export class LanePool extends WorkPool {
  constructor({ leases, registry, onTrouble }: PoolPorts, workOf: (jobId: JobId, lanes: number) => readonly Work[]) {
    super({ leases, onTrouble, onChange: (listener) => registry.onChange(listener) }, () =>
      registry.list().flatMap((job) => workOf(job.jobId, job.configured.definition.lanes)),
    );
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** The units of a lane program, as work for a pool. */
export function laneWork(program: LaneProgram, run: (unit: Unit, signal: AbortSignal, assertHeld: () => void) => Promise<void>) {
  return (jobId: JobId, lanes: number): Work[] =>
    program.lanesOf(lanes).map((lane) => {
      const unit = { jobId, lane };
      return { unit, kind: isDemandLane(lane) ? `${jobId}, on demand` : jobId, run: (signal, assertHeld) => run(unit, signal, assertHeld) };
    });
}
