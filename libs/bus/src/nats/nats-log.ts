import { setTimeout as sleep } from 'node:timers/promises';

import { everything, type LogEvent, UnreadableEvent, subjectOf } from '@provident/contracts';
import type { JetStreamManager, StoredMsg, StreamInfo } from '@nats-io/jetstream';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { nuid } from '@nats-io/transport-node';

import type { EventHead, EventLog, Expectations, LogExtent, NewEvent, ReadOptions } from '../event-log.js';
import { StaleWriter } from '../event-log.js';
import type { LogReplaced } from '../same-log.js';
import type { StoredMessage } from './codec.js';
import { decodeEvent, decodeHead, encodeData, encodeFollows, encodeHeaders } from './codec.js';
import { damagedWords, isDamaged, withDamagedOfSubjects, withDamagedPlaces } from './damaged-places.js';
import { LogGuard, type LookAtLog } from './log-guard.js';
import { LogReader } from './log-reader.js';
import { makeStream } from './make-stream.js';
import type { RawHeaders } from './raw-headers.js';
import { isBeingRestored, streamConfig } from './stream-config.js';

const wrongLastSequence = 10071;
const streamNotFound = 10059;
const appendTimeoutMs = 20_000;
/** What is asked while the connection is lost is never answered: it is asked anew soon. */
const lookTimeoutMs = 2_000;
export const maxAppend = 1_000;

export interface NatsLogOptions {
  /** Name of the stream. */
  readonly stream?: string;
  readonly replicas?: number;
  /** Told once when, while this process runs, another log or an older state of this one has taken its place. Nothing can be read or appended any more. */
  readonly onReplaced?: (error: LogReplaced) => void;
}

/** Opens the log, and makes its stream when there is none. @throws Error when the server did not take the stream as asked */
export async function openNatsLog(
  connection: NatsConnection,
  { stream = 'PROVISIONING', replicas = 1, onReplaced = () => undefined }: NatsLogOptions = {},
): Promise<EventLog> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const ready = (await findStream(manager, stream)) ?? (await makeStream(manager, streamConfig({ stream, replicas })));
  if (isBeingRestored(ready.config)) {
    throw new Error(`the stream ${stream} is being restored, or its restore was broken off: wait, or run "provident restore" once more`);
  }
  if (ready.config.allow_atomic !== true) {
    throw new Error(`the stream ${stream} does not take atomic batches: the NATS server must be 2.12 or newer, and the stream made by it`);
  }
  const impatient = await jetstreamManager(connection, { timeout: lookTimeoutMs, checkAPI: false });
  const look: LookAtLog = async () => {
    const now = await findStream(impatient, stream);
    return now && storedLog(impatient, stream, now);
  };
  const guard = new LogGuard(ready.created, look, () => connection.isClosed(), onReplaced);
  void watchConnection(connection, guard);
  return new NatsLog(connection, manager, stream, ready.created, guard);
}

async function findStream(manager: JetStreamManager, stream: string): Promise<StreamInfo | null> {
  return manager.streams.info(stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === streamNotFound) return null;
    throw error;
  });
}

/** What is behind a name of a stream at one moment. */
const storedLog = (
  manager: JetStreamManager,
  stream: string,
  { created, state }: StreamInfo,
): Pick<EventLog, 'identity' | 'head' | 'find'> => ({
  identity: created,
  head: async () => state.last_seq,
  find: async (sequence) => fromStored(await manager.streams.getMessage(stream, { seq: sequence })),
});

/** Until the connection is closed for good. */
async function watchConnection(connection: NatsConnection, guard: LogGuard): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') guard.hold();
    else if (type === 'reconnect') guard.suspect();
  }
}

class NatsLog implements EventLog {
  constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    readonly identity: string,
    private readonly guard: LogGuard,
  ) {}

  async append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
    if (events.length === 0) return [];
    if (events.length > maxAppend) throw new RangeError(`an append takes at most ${maxAppend} events, not ${events.length}`);
    if (this.guard.doubt) await withinAppend(this.guard.doubt);
    const batchId = nuid.next();
    const previous = new Map<string, number>();
    const last = events.length - 1;
    let answer: Promise<Msg> | undefined;
    for (const [index, event] of events.entries()) {
      const subject = subjectOf(event.jobId, event.lane, event.stage);
      const headers = encodeHeaders(event);
      const before = previous.get(subject);
      if (before === undefined) guard(headers, subject, expected);
      else encodeFollows(headers, before - index);
      previous.set(subject, index);
      if (last > 0) {
        headers.append('Nats-Batch-Id', batchId);
        headers.append('Nats-Batch-Sequence', String(index + 1));
        if (index === last) headers.append('Nats-Batch-Commit', '1');
      }
      const data = encodeData(event);
      if (index === last) answer = this.connection.request(subject, data, { headers: headers.asHeaders(), timeout: appendTimeoutMs });
      else this.connection.publish(subject, data, { headers: headers.asHeaders() });
    }
    const sequences = sequencesOf(await answer!, events.length);
    this.guard.note({ ...events[last]!, sequence: sequences[last]! });
    return sequences;
  }

  async findLast(subject: string): Promise<LogEvent | null> {
    const message = await this.newest(subject);
    if (message !== null) return fromStored(message);
    const { state } = await this.manager.streams.info(this.stream, { subjects_filter: subject });
    if (Object.keys(state.subjects ?? {}).length === 0) return null;
    const appendedSince = await this.newest(subject);
    if (appendedSince === null) throw new UnreadableEvent(`the newest event of ${subject} cannot be read: ${damagedWords}`);
    return fromStored(appendedSince);
  }

  private newest(subject: string): Promise<StoredMsg | null> {
    return this.manager.streams.getMessage(this.stream, { last_by_subj: subject });
  }

  async find(sequence: number): Promise<LogEvent | null> {
    return fromStored(await this.manager.streams.getMessage(this.stream, { seq: sequence }));
  }

  async head(): Promise<number> {
    return (await this.manager.streams.info(this.stream)).state.last_seq;
  }

  async extent(): Promise<LogExtent> {
    const { state } = await this.manager.streams.info(this.stream);
    return { first: state.messages === 0 ? 0 : state.first_seq, last: state.last_seq, events: state.messages };
  }

  read(options: ReadOptions): AsyncIterable<readonly LogEvent[]> {
    return this.decoded(options, decodeEvent, false);
  }

  readHeads(options: ReadOptions): AsyncIterable<readonly EventHead[]> {
    return this.decoded(options, decodeHead, true);
  }

  private async *decoded<Event extends Pick<LogEvent, 'sequence' | 'at' | 'id'>>(
    options: ReadOptions,
    decode: (message: StoredMessage) => Event,
    headersOnly: boolean,
  ): AsyncGenerator<readonly Event[]> {
    const { filters, after, signal, batch = 500, fill = false, onUnreadable, onBehind } = options;
    const { connection, manager, stream, guard } = this;
    const ending = AbortSignal.any([signal, guard.replaced]);
    const untilSure = async (): Promise<void> => {
      guard.suspect();
      if (guard.doubt) await orAborted(guard.doubt, ending);
    };
    const reader = new LogReader(connection, manager, { stream, filters, after, headersOnly, batch, fill, signal: ending, untilSure });
    const withDamaged = filters.includes(everything) ? withDamagedPlaces : withDamagedOfSubjects;
    const batches = withDamaged(manager, { stream, after, signal: ending }, reader.batches());
    for await (const messages of batches) {
      if (guard.doubt) await orAborted(guard.doubt, signal);
      if (ending.aborted) break;
      onBehind?.(reader.behind);
      const events: Event[] = [];
      for (const message of messages) {
        try {
          if (isDamaged(message)) throw new UnreadableEvent(`event ${message.sequence} of the log cannot be read: ${damagedWords}`);
          events.push(decode(message));
        } catch (error) {
          if (!(error instanceof UnreadableEvent) || !onUnreadable) throw error;
          const subject = isDamaged(message) ? null : message.subject;
          onUnreadable({ sequence: message.sequence, subject, reason: error.message });
        }
      }
      const newest = events.at(-1);
      if (newest) guard.note(newest);
      if (messages.length > 0) yield events;
    }
    if (!signal.aborted) guard.replaced.throwIfAborted();
  }
}

/** Whoever appends is not kept waiting for longer than an answer would be waited for. */
async function withinAppend(doubt: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = sleep(appendTimeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error('nothing was appended: the broker is away');
  });
  await Promise.race([doubt, late]).finally(() => done.abort());
}

async function orAborted(doubt: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let end: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
    signal.addEventListener('abort', end, { once: true });
  });
  await Promise.race([doubt, aborted]).finally(() => signal.removeEventListener('abort', end));
}

function guard(headers: RawHeaders, subject: string, expected: Expectations): void {
  const sequence = expected.get(subject);
  if (sequence === undefined) throw new Error(`append to ${subject} without saying what is expected there`);
  encodeFollows(headers, sequence).append('Nats-Expected-Last-Subject-Sequence', String(sequence));
}

interface AppendAnswer {
  readonly seq?: number;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

function sequencesOf(answer: Msg, count: number): number[] {
  const body = answer.json<AppendAnswer>();
  if (body.error) {
    if (body.error.err_code === wrongLastSequence) throw new StaleWriter(body.error.description ?? 'wrong last sequence');
    throw new Error(
      `the log refused an append: ${body.error.description ?? 'no reason given'} (${body.error.err_code ?? body.error.code})`,
    );
  }
  if (body.seq === undefined) throw new Error('the log answered an append without a sequence');
  const first = body.seq - count + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}

function fromStored(message: StoredMsg | null): LogEvent | null {
  return message === null
    ? null
    : decodeEvent({ sequence: message.seq, subject: message.subject, headers: message.header, data: message.data });
}
