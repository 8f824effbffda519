import type { EventLog, Expectations, NewEvent } from './event-log.js';

/** Told of what is appended, for metrics and traces. What it throws is the caller's trouble: it throws nothing. */
export interface LogObserver {
  /** @param ms how long the append took */
  appended(events: readonly NewEvent[], sequences: readonly number[], ms: number): void;
  refused(error: unknown, ms: number): void;
}

/** The same log; somebody looks on as it grows. */
export function observedLog(log: EventLog, observer: LogObserver): EventLog {
  return {
    identity: log.identity,
    async append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
      const beganAt = performance.now();
      try {
        const sequences = await log.append(events, expected);
        observer.appended(events, sequences, performance.now() - beganAt);
        return sequences;
      } catch (error) {
        observer.refused(error, performance.now() - beganAt);
        throw error;
      }
    },
    findLast: (subject) => log.findLast(subject),
    find: (sequence) => log.find(sequence),
    head: () => log.head(),
    extent: () => log.extent(),
    read: (options) => log.read(options),
    readHeads: (options) => log.readHeads(options),
  };
}
