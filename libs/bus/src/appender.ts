import { subjectOf } from '@provident/contracts';

import type { EventLog, Expectations, NewEvent } from './event-log.js';
import { StaleWriter } from './event-log.js';
import { maxAppend } from './nats/nats-log.js';

interface Waiting {
  readonly events: readonly NewEvent[];
  readonly expected: Expectations;
  readonly resolve: (sequences: number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins what the lanes of one process want to append at the same time into one atomic batch. A synchronous append takes as long for five
 * hundred events as for one, so lanes that wait for each other's append together get more done than lanes that append alone.
 */
export class Appender {
  private waiting: Waiting[] = [];
  private running = false;

  constructor(private readonly log: EventLog) {}

  /** As `EventLog.append`. */
  append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ events, expected, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) await this.appendTogether(this.takeBatch());
    this.running = false;
  }

  private takeBatch(): Waiting[] {
    const subjects = new Set<string>();
    let size = 0;
    let count = 0;
    for (const { events, expected } of this.waiting) {
      // Two who wait for the same subject take turns: in one batch only the first would be guarded.
      if (count > 0 && (size + events.length > maxAppend || [...expected.keys()].some((subject) => subjects.has(subject)))) break;
      for (const subject of expected.keys()) subjects.add(subject);
      size += events.length;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async appendTogether(batch: readonly Waiting[]): Promise<void> {
    const events = batch.flatMap((each) => each.events);
    const expected = new Map(batch.flatMap((each) => [...each.expected]));
    try {
      const sequences = await this.log.append(events, expected);
      let from = 0;
      for (const each of batch) {
        each.resolve(sequences.slice(from, from + each.events.length));
        from += each.events.length;
      }
    } catch (error) {
      if (!(error instanceof StaleWriter) || batch.length === 1) return batch.forEach((each) => each.reject(error));
      // One stale subject refuses the whole batch: alone, the others go through.
      for (const each of batch) await this.appendTogether([each]);
    }
  }
}

/** The subjects of some events. */
export const subjectsOf = (events: readonly NewEvent[]): Set<string> =>
  new Set(events.map((event) => subjectOf(event.jobId, event.lane, event.stage)));
