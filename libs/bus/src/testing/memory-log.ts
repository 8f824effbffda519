import { randomUUID } from 'node:crypto';

import { type LogEvent, UnreadableEvent, subjectOf } from '@provident/contracts';

import type { EventHead, EventLog, Expectations, LogExtent, NewEvent, ReadOptions } from '../event-log.js';
import { StaleWriter } from '../event-log.js';
import { type StoredMessage, decodeEvent, decodeHead, encodeData, encodeHeaders } from '../nats/codec.js';
import { maxAppend } from '../nats/nats-log.js';

/** Stands between a writer and the log: may fail before `store`, after it, or wait. */
export type AppendFault = (events: readonly NewEvent[], store: () => number[]) => Promise<number[]>;

const wholeSubject = /^[^*>]*$/;

/** Whether a subject is one of those that a pattern names: `*` stands for one part, `>` for one or more at the end. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (wholeSubject.test(pattern)) return pattern === subject;
  const wanted = pattern.split('.');
  const parts = subject.split('.');
  if (wanted.at(-1) === '>')
    return parts.length >= wanted.length && wanted.slice(0, -1).every((part, at) => part === '*' || part === parts[at]);
  return parts.length === wanted.length && wanted.every((part, at) => part === '*' || part === parts[at]);
}

/**
 * The log in memory, for specs. Events go through the same codec as on the wire, so what cannot travel does not pass here either.
 * Kept to the log's contract by `eventLogContract`.
 */
export class MemoryLog implements EventLog {
  private readonly messages: StoredMessage[] = [];
  private readonly followers = new Set<() => void>();
  /** Every reader gets the same events: reading one is dearer than all else that a log in memory does. */
  private readonly decoded = new WeakMap<StoredMessage, LogEvent>();
  /** What happens to appends instead of the ordinary; null for nothing. */
  fault: AppendFault | null = null;

  constructor(readonly identity: string = randomUUID()) {}

  /** Everything that was said, in order. @throws UnreadableEvent */
  get events(): LogEvent[] {
    return this.messages.map(this.decode);
  }

  async append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
    if (events.length === 0) return [];
    if (events.length > maxAppend) throw new RangeError(`an append takes at most ${maxAppend} events, not ${events.length}`);
    const encoded = events.map((event) => ({
      subject: subjectIn(event, expected),
      headers: readHeaders(event),
      data: encodeData(event),
    }));
    const store = (): number[] => {
      for (const subject of new Set(encoded.map((each) => each.subject))) this.checkNotMoved(subject, expected.get(subject)!);
      return encoded.map((message) => this.put(message));
    };
    await turn();
    return this.fault ? this.fault(events, store) : store();
  }

  /** Puts a message there as it is, whatever it is. @returns its sequence */
  put(message: Omit<StoredMessage, 'sequence'>): number {
    const sequence = this.messages.length + 1;
    this.messages.push({ ...message, sequence });
    for (const wake of this.followers) wake();
    return sequence;
  }

  async findLast(subject: string): Promise<LogEvent | null> {
    await turn();
    const message = this.messages.findLast((each) => matchesSubject(subject, each.subject));
    return message ? this.decode(message) : null;
  }

  async find(sequence: number): Promise<LogEvent | null> {
    await turn();
    const message = this.messages[sequence - 1];
    return message ? this.decode(message) : null;
  }

  async head(): Promise<number> {
    await turn();
    return this.messages.length;
  }

  async extent(): Promise<LogExtent> {
    await turn();
    const { length } = this.messages;
    return { first: Math.min(length, 1), last: length, events: length };
  }

  read(options: ReadOptions): AsyncIterable<readonly LogEvent[]> {
    return this.follow(options, this.decode);
  }

  readHeads(options: ReadOptions): AsyncIterable<readonly EventHead[]> {
    return this.follow(options, decodeHead);
  }

  private readonly decode = (message: StoredMessage): LogEvent => {
    const known = this.decoded.get(message);
    if (known) return known;
    const event = decodeEvent(message);
    this.decoded.set(message, event);
    return event;
  };

  private checkNotMoved(subject: string, expected: number): void {
    const last = this.messages.findLast((each) => each.subject === subject)?.sequence ?? 0;
    if (last !== expected) throw new StaleWriter(`wrong last sequence on ${subject}: ${last}`);
  }

  private async *follow<Event>(
    { filters, after, signal, batch = 500, onUnreadable }: ReadOptions,
    decode: (message: StoredMessage) => Event,
  ): AsyncGenerator<readonly Event[]> {
    for (let at = after; !signal.aborted; ) {
      await turn();
      const messages: StoredMessage[] = [];
      for (; at < this.messages.length && messages.length < batch; at++) {
        const message = this.messages[at]!;
        if (filters.some((filter) => matchesSubject(filter, message.subject))) messages.push(message);
      }
      if (messages.length === 0) {
        await this.news(signal);
        continue;
      }
      const events = messages.flatMap((message) => readable(message, decode, onUnreadable));
      if (events.length > 0 && !signal.aborted) yield events;
    }
  }

  private async news(signal: AbortSignal): Promise<void> {
    let wake = (): void => undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.followers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) resolve();
    });
    this.followers.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}

function readable<Event>(
  message: StoredMessage,
  decode: (message: StoredMessage) => Event,
  onUnreadable: ReadOptions['onUnreadable'],
): Event[] {
  try {
    return [decode(message)];
  } catch (error) {
    if (!(error instanceof UnreadableEvent) || !onUnreadable) throw error;
    onUnreadable({ sequence: message.sequence, subject: message.subject, reason: error.message });
    return [];
  }
}

function subjectIn(event: NewEvent, expected: Expectations): string {
  const subject = subjectOf(event.jobId, event.lane, event.stage);
  if (!expected.has(subject)) throw new Error(`append to ${subject} without saying what is expected there`);
  return subject;
}

/** The headers as a reader gets them: off the wire. */
function readHeaders(event: NewEvent): NonNullable<StoredMessage['headers']> {
  const [, ...lines] = Buffer.from(encodeHeaders(event).encode()).toString('latin1').split('\r\n');
  return headersFrom(
    Object.fromEntries(lines.filter(Boolean).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])),
  );
}

/** Headers of a message that is put into the log as it is. */
export const headersFrom = (values: Readonly<Record<string, string>>): NonNullable<StoredMessage['headers']> => ({
  get: (name) => values[name] ?? '',
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
