import { type Brief, type EventDefinition, type Lane, type LogEvent, type Stage } from '@provident/contracts';
import type { JobId } from '@provident/domain';

/** An event that is about to be appended. */
export interface NewEvent<Data = unknown> {
  readonly jobId: JobId;
  readonly lane: Lane;
  readonly stage: Stage;
  readonly definition: EventDefinition<string, Data>;
  /** Derived from the cause, so that doing a thing again names it the same. */
  readonly id: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  /** Log sequence of the event that this one answers; 0 for none. */
  readonly cause: number;
  /** Every input of this stage and lane up to here is answered once this is in the log. */
  readonly position: number;
  /** Object key or job id: what the event is about. */
  readonly about: string;
  readonly data: Data;
  /** For traces; not stored. */
  readonly span?: SpanHints | undefined;
}

/** What a trace tells of an event besides the event itself. */
export interface SpanHints {
  /** Since when its writer was at work on it: milliseconds since 1970. */
  readonly beganAt?: number | undefined;
  /** It begins a change by itself: no event asked for it. */
  readonly isFirst?: boolean | undefined;
}

/** Now, for `SpanHints`: finer than a clock that shows milliseconds. */
export const spanNow = (): number => performance.timeOrigin + performance.now();

/** Last sequence that the writer saw on a subject; 0 when it saw none. */
export type Expectations = ReadonlyMap<string, number>;

/** Another instance wrote on the subject: this writer's view is old. Nothing of the batch was stored. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter';
}

/** What can be told of an event without its body. */
export interface EventHead extends Omit<LogEvent, 'data'> {
  readonly brief: Brief | null;
}

/** An event that this build cannot read, as it came. */
export interface UnreadableLogEvent {
  readonly sequence: number;
  /** Null when not even that can be read. */
  readonly subject: string | null;
  readonly reason: string;
}

export interface ReadOptions {
  readonly filters: readonly string[];
  /** The first event that comes has a higher sequence. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Events in one batch at most. */
  readonly batch?: number;
  /** Fill a batch for as long as the log is known to hold more: for whoever gains more by few batches than by having each event at once. */
  readonly fill?: boolean;
  /** Told of events that cannot be read; they are left out of the batch, which may be empty then. Without it they throw. What is damaged in the store is noticed by whoever reads `everything`. */
  readonly onUnreadable?: (event: UnreadableLogEvent) => void;
  /** Told before each batch how many events lie behind it, as the log stood when it was read. */
  readonly onBehind?: (events: number) => void;
}

/** What is stored of the log. */
export interface LogExtent {
  /** Lowest and highest sequence; 0 for an empty log. */
  readonly first: number;
  readonly last: number;
  /** Events between them: fewer than there is room for when some are missing. */
  readonly events: number;
}

/** The log: everything that happened, in one order. */
export interface EventLog {
  /** Names this log for as long as it exists; a log that was made anew has another. */
  readonly identity: string;
  /**
   * Appends all or nothing, at most 1,000 events, over any number of subjects.
   * @returns the sequences, in the order of the events
   * @throws StaleWriter when a subject has moved on since `expected`
   */
  append(events: readonly NewEvent[], expected: Expectations): Promise<number[]>;
  /** The newest event on a subject, or on any that a pattern with wildcards names. */
  findLast(subject: string): Promise<LogEvent | null>;
  find(sequence: number): Promise<LogEvent | null>;
  /** Sequence of the newest event of all; 0 for an empty log. */
  head(): Promise<number>;
  extent(): Promise<LogExtent>;
  /** Batches in log order, as they come, until the signal is given. */
  read(options: ReadOptions): AsyncIterable<readonly LogEvent[]>;
  /** As `read`, without bodies. */
  readHeads(options: ReadOptions): AsyncIterable<readonly EventHead[]>;
}
