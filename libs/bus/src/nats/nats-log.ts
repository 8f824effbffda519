import { type LogEvent, UnreadableEvent, subjectOf } from '@provident/contracts';
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { nuid } from '@nats-io/transport-node';

import type { EventHead, EventLog, Expectations, LogExtent, NewEvent, ReadOptions } from '../event-log.js';
import { StaleWriter } from '../event-log.js';
import type { StoredMessage } from './codec.js';
import { decodeEvent, decodeHead, encodeData, encodeHeaders } from './codec.js';
import { LogReader } from './log-reader.js';
import { makeStream } from './make-stream.js';
import type { RawHeaders } from './raw-headers.js';
import { isBeingRestored, streamConfig } from './stream-config.js';

const wrongLastSequence = 10071;
const appendTimeoutMs = 20_000;
export const maxAppend = 1_000;

export interface NatsLogOptions {
  /** Name of the stream. */
  readonly stream?: string;
  readonly replicas?: number;
}

/** Opens the log, and makes its stream when there is none. @throws Error when the server did not take the stream as asked */
export async function openNatsLog(
  connection: NatsConnection,
  { stream = 'PROVISIONING', replicas = 1 }: NatsLogOptions = {},
): Promise<EventLog> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const info = await manager.streams.info(stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === 10059) return null;
    throw error;
  });
  const ready = info ?? (await makeStream(manager, streamConfig({ stream, replicas })));
  if (isBeingRestored(ready.config)) {
    throw new Error(`the stream ${stream} is being restored, or its restore was broken off: wait, or run "provident restore" once more`);
  }
  if (ready.config.allow_atomic !== true) {
    throw new Error(`the stream ${stream} does not take atomic batches: the NATS server must be 2.12 or newer, and the stream made by it`);
  }
  return new NatsLog(connection, manager, stream, ready.created);
}

class NatsLog implements EventLog {
  constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    readonly identity: string,
  ) {}

  async append(events: readonly NewEvent[], expected: Expectations): Promise<number[]> {
    if (events.length === 0) return [];
    if (events.length > maxAppend) throw new RangeError(`an append takes at most ${maxAppend} events, not ${events.length}`);
    const batchId = nuid.next();
    const guarded = new Set<string>();
    const last = events.length - 1;
    let answer: Promise<Msg> | undefined;
    for (const [index, event] of events.entries()) {
      const subject = subjectOf(event.jobId, event.lane, event.stage);
      const headers = encodeHeaders(event);
      if (!guarded.has(subject)) guard(headers, subject, expected);
      guarded.add(subject);
      if (last > 0) {
        headers.append('Nats-Batch-Id', batchId);
        headers.append('Nats-Batch-Sequence', String(index + 1));
        if (index === last) headers.append('Nats-Batch-Commit', '1');
      }
      const data = encodeData(event);
      if (index === last) answer = this.connection.request(subject, data, { headers: headers.asHeaders(), timeout: appendTimeoutMs });
      else this.connection.publish(subject, data, { headers: headers.asHeaders() });
    }
    return sequencesOf(await answer!, events.length);
  }

  async findLast(subject: string): Promise<LogEvent | null> {
    return fromStored(await this.manager.streams.getMessage(this.stream, { last_by_subj: subject }));
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

  private async *decoded<Event>(
    options: ReadOptions,
    decode: (message: StoredMessage) => Event,
    headersOnly: boolean,
  ): AsyncGenerator<readonly Event[]> {
    const { filters, after, signal, batch = 500, fill = false, onUnreadable, onBehind } = options;
    const reader = new LogReader(this.connection, this.manager, { stream: this.stream, filters, after, headersOnly, batch, fill, signal });
    for await (const messages of reader.batches()) {
      onBehind?.(reader.behind);
      const events: Event[] = [];
      for (const message of messages) {
        try {
          events.push(decode(message));
        } catch (error) {
          if (!(error instanceof UnreadableEvent) || !onUnreadable) throw error;
          onUnreadable({ sequence: message.sequence, subject: message.subject, reason: error.message });
        }
      }
      if (events.length > 0) yield events;
    }
  }
}

function guard(headers: RawHeaders, subject: string, expected: Expectations): void {
  const sequence = expected.get(subject);
  if (sequence === undefined) throw new Error(`append to ${subject} without saying what is expected there`);
  headers.append('Nats-Expected-Last-Subject-Sequence', String(sequence));
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
