import type { Leases } from '@provident/bus';

import type { SimProcess, World } from '../world.js';

const lifetimeMs = 5_000;
const renewEveryMs = 1_250;
const marginMs = 1_000;

interface Held {
  readonly holder: string;
  readonly revision: number;
}

/** The leases of one service as the broker keeps them. */
export class LeaseTable {
  readonly seen = new Map<string, number>();
  readonly units = new Map<string, Held>();
  readonly members = new Set<SimLeases>();
  private revision = 0;

  constructor(readonly world: World) {}

  /** @returns false when the unit has moved on since */
  write(unit: string, holder: string | null, expected: number): boolean {
    if ((this.units.get(unit)?.revision ?? 0) !== expected) return false;
    if (holder === null) this.units.delete(unit);
    else this.units.set(unit, { holder, revision: ++this.revision });
    for (const member of this.members) member.hear(unit, this.units.get(unit));
    return true;
  }
}

/** `Leases` over a table in memory: the same times and the same rules, on the world's clock. What the broker tells one member arrives in order. */
export class SimLeases implements Pick<Leases, keyof Leases> {
  private readonly units: Map<string, Held>;
  private renewedAt = 0;
  private toldUpTo = 0;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly table: LeaseTable,
    private readonly process: SimProcess,
    readonly instance: string,
  ) {
    this.units = new Map(table.units);
  }

  static async join(table: LeaseTable, process: SimProcess): Promise<SimLeases> {
    const leases = new SimLeases(table, process, process.name);
    table.members.add(leases);
    await leases.renew();
    leases.timer = setInterval(() => void leases.renew(), renewEveryMs);
    return leases;
  }

  isAlive(): boolean {
    return !this.closed && performance.now() - this.renewedAt < lifetimeMs - marginMs;
  }

  instances(): string[] {
    const now = performance.now();
    const living = [...this.table.seen].filter(([, at]) => now - at < lifetimeMs + marginMs).map(([name]) => name);
    return [...new Set([...living, this.instance])].sort();
  }

  holds(unit: string): boolean {
    return this.units.get(unit)?.holder === this.instance;
  }

  isFree(unit: string): boolean {
    const known = this.units.get(unit);
    return known === undefined || !this.instances().includes(known.holder);
  }

  take(unit: string): Promise<boolean> {
    const expected = this.units.get(unit)?.revision ?? 0;
    return this.ask(() => {
      const isMine = this.table.write(unit, this.instance, expected);
      if (isMine) this.units.set(unit, this.table.units.get(unit)!);
      return isMine;
    });
  }

  async release(unit: string): Promise<void> {
    const known = this.units.get(unit);
    if (known?.holder !== this.instance) return;
    this.units.delete(unit);
    await this.ask(() => this.table.write(unit, null, known.revision));
  }

  async leave(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    for (const unit of Array.from(this.units.keys())) await this.release(unit);
  }

  /** The broker's word on a unit, as the watch brings it: later, and in order. */
  hear(unit: string, held: Held | undefined): void {
    if (!this.process.isAlive) return void this.table.members.delete(this);
    this.tell(() => {
      if (held === undefined) this.units.delete(unit);
      else if ((this.units.get(unit)?.revision ?? 0) <= held.revision) this.units.set(unit, held);
    });
  }

  private async renew(): Promise<void> {
    const sentAt = performance.now();
    await this.ask(() => void this.table.seen.set(this.instance, this.table.world.nowMs));
    this.renewedAt = sentAt;
  }

  /** A request to the broker: its answer comes on the same line as the watch's news, and does not overtake them. */
  private ask<Result>(effect: () => Result): Promise<Result> {
    const { world } = this.table;
    return new Promise((resolve) => {
      world.schedule(world.travelMs(), null, () => {
        const result = effect();
        this.tell(() => resolve(result));
      });
    });
  }

  private tell(run: () => void): void {
    const { world } = this.table;
    this.toldUpTo = Math.max(this.toldUpTo + 0.001, world.nowMs + world.travelMs());
    world.schedule(this.toldUpTo - world.nowMs, this.process, run);
  }
}
