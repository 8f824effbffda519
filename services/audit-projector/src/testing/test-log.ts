import type { LogExtent } from '@provident/bus';
import type { LogEvent } from '@provident/contracts';
import type { LogItem } from '@provident/projection';

import type { LogSource } from '../log-source.js';

/** A log whose events arrive when the test says so. */
export class TestLog implements LogSource {
  identity = 'log';
  readonly batch = 7;
  readonly asked: number[] = [];
  /** What the log does not give any more. */
  readonly damaged = new Set<number>();
  private readonly items: LogEvent[] = [];
  private wake: () => void = () => undefined;

  append(more: readonly LogEvent[]): this {
    this.items.push(...more);
    this.wake();
    return this;
  }

  extent = async (): Promise<LogExtent> => ({ first: this.items[0]?.sequence ?? 0, last: await this.head(), events: this.items.length });
  head = async (): Promise<number> => this.items.at(-1)?.sequence ?? 0;

  find = async (sequence: number): Promise<LogEvent | null> => this.items.find((item) => item.sequence === sequence) ?? null;

  async *readBatches(after: number, signal: AbortSignal): AsyncIterable<readonly LogItem[]> {
    this.asked.push(after);
    for (let from = after; !signal.aborted; ) {
      const batch = this.items.filter(({ sequence }) => sequence > from).slice(0, this.batch);
      if (batch.length > 0)
        yield batch.map((item) => (this.damaged.has(item.sequence) ? { sequence: item.sequence, reason: 'damaged' } : item));
      from = batch.at(-1)?.sequence ?? from;
      if (batch.length > 0) continue;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
