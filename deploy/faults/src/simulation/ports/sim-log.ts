import type { EventHead, EventLog, Expectations, LogExtent, NewEvent, ReadOptions } from '@provident/bus';
import type { MemoryLog } from '@provident/bus/testing/memory-log';
import type { LogEvent } from '@provident/contracts';

import { Injected } from './injected.js';
import type { Chaos } from '../chaos.js';
import type { World } from '../world.js';

/** The one log of the world as a process reaches it: over a line that can fail before an append is stored, or before its answer arrives. */
export class SimLog implements EventLog {
  constructor(
    private readonly world: World,
    private readonly broker: MemoryLog,
    private readonly chaos: Chaos,
  ) {}

  get identity(): string {
    return this.broker.identity;
  }

  append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
    const fault = this.chaos.fault('append', () => new Injected('the broker did not answer'));
    return this.world.call(() => this.broker.append(events, expected), fault && { fault });
  }

  findLast(subject: string): Promise<LogEvent | null> {
    return this.world.call(() => this.broker.findLast(subject), this.readFault());
  }

  find(sequence: number): Promise<LogEvent | null> {
    return this.world.call(() => this.broker.find(sequence), this.readFault());
  }

  head(): Promise<number> {
    return this.world.call(() => this.broker.head(), this.readFault());
  }

  extent(): Promise<LogExtent> {
    return this.world.call(() => this.broker.extent(), this.readFault());
  }

  read(options: ReadOptions): AsyncIterable<readonly LogEvent[]> {
    return this.broker.read(this.piecewise(options));
  }

  readHeads(options: ReadOptions): AsyncIterable<readonly EventHead[]> {
    return this.broker.readHeads(this.piecewise(options));
  }

  /** What comes in one batch is never certain. */
  private piecewise(options: ReadOptions): ReadOptions {
    return { ...options, batch: Math.min(options.batch ?? 500, this.world.random.pick([1, 3, 500])) };
  }

  private readFault() {
    const fault = this.chaos.fault('find', () => new Injected('the broker is away'));
    return fault && { fault };
  }
}
