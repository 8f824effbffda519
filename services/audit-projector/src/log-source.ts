import type { LogEvent } from '@provident/contracts';
import type { LogItem } from '@provident/projection';

/** The log as the projector reads it. */
export interface LogSource {
  /** Names this log for as long as it exists. */
  readonly identity: string;
  /** Events in a batch at most: as many as that, and there are probably more. */
  readonly batch: number;
  /** Sequence of the newest event; 0 for an empty log. */
  head(): Promise<number>;
  /** @throws UnreadableEvent */
  find(sequence: number): Promise<LogEvent | null>;
  /** Batches in log order, from behind `afterSequence` on, as they come, until the signal is given. */
  readBatches(afterSequence: number, signal: AbortSignal): AsyncIterable<readonly LogItem[]>;
}
