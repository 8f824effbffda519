import { createHash } from 'node:crypto';

import { everything } from '@provident/contracts';
import { JetStreamApiError, type JetStreamManager, type StreamInfo, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { nuid } from '@nats-io/transport-node';
import { z } from 'zod';

import { headerNames, type StoredMessage } from './codec.js';
import { damagedWords, isDamaged, withDamagedPlaces } from './damaged-places.js';
import { LogReader } from './log-reader.js';
import { makeStream } from './make-stream.js';
import { maxAppend } from './nats-log.js';
import { RawHeaders } from './raw-headers.js';
import { asRestored, isBeingRestored, streamConfig } from './stream-config.js';

/** The archive is damaged or none, or cannot be restored there; the message says which, and what to do. */
export class ArchiveUnusable extends Error {
  override readonly name = 'ArchiveUnusable';
}

const Head = z.object({
  format: z.literal('provident-log'),
  version: z.literal(1),
  stream: z.string(),
  madeAt: z.string(),
  first: z.int(),
  last: z.int(),
  events: z.int(),
});
export type ArchiveHead = z.infer<typeof Head>;
/** Sequence, subject, headers by name, body as base64. */
const Message = z.tuple([z.int(), z.string(), z.record(z.string(), z.string()), z.string()]);
const Tail = z.object({ sha256: z.string(), events: z.int() });

const batch = 500;
/** Bytes of one batch on their way back into a stream. */
const mostBytes = 4 * 2 ** 20;
const appendTimeoutMs = 30_000;

/**
 * The whole log as lines of JSON, without line breaks: a head, one line for each event as it stands in the stream, and a tail with the SHA-256 of
 * everything before it. Events that come meanwhile are left out.
 * @throws ArchiveUnusable when events are missing in the stream, or damaged
 */
export async function* archiveLog(
  connection: NatsConnection,
  { stream, madeAt, signal }: { stream: string; madeAt: string; signal: AbortSignal },
): AsyncGenerator<string> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const { state } = await manager.streams.info(stream);
  const [first, last] = [state.messages === 0 ? 0 : state.first_seq, state.last_seq];
  if (state.messages > 0 && state.messages !== last - first + 1)
    throw new ArchiveUnusable(`of the events ${first} to ${last} only ${state.messages} are there: this log is damaged`);
  const sum = createHash('sha256');
  const told = (line: string): string => {
    sum.update(line).update('\n');
    return line;
  };
  const head: ArchiveHead = { format: 'provident-log', version: 1, stream, madeAt, first, last, events: state.messages };
  yield told(JSON.stringify(head));
  if (state.messages > 0) for await (const message of readUpTo(connection, manager, { stream, last, signal })) yield told(lineOf(message));
  yield JSON.stringify({ sha256: sum.digest('hex'), events: state.messages });
}

async function* readUpTo(
  connection: NatsConnection,
  manager: JetStreamManager,
  { stream, last, signal }: { stream: string; last: number; signal: AbortSignal },
): AsyncGenerator<StoredMessage> {
  const ending = new AbortController();
  const options = { stream, filters: [everything], after: 0, headersOnly: false, batch, signal: AbortSignal.any([signal, ending.signal]) };
  const reader = new LogReader(connection, manager, options);
  for await (const messages of withDamagedPlaces(manager, options, reader.batches())) {
    for (const message of messages) {
      if (message.sequence > last) break;
      if (isDamaged(message)) throw new ArchiveUnusable(`event ${message.sequence} of the log cannot be archived: ${damagedWords}`);
      yield message;
    }
    if ((messages.at(-1)?.sequence ?? 0) >= last) break;
  }
  ending.abort();
  signal.throwIfAborted();
}

function lineOf({ sequence, subject, headers, data }: StoredMessage): string {
  const kept = headerNames.map((name) => [name, headers?.get(name) ?? '']).filter(([, value]) => value !== '');
  return JSON.stringify([sequence, subject, Object.fromEntries(kept), Buffer.from(data).toString('base64')]);
}

/**
 * Puts an archived log into a stream that is empty or not there. Until all of it is there and its sum is right, the stream is marked, and no service
 * works on it. What fails leaves no stream behind.
 * @throws ArchiveUnusable
 */
export async function restoreLog(
  connection: NatsConnection,
  lines: AsyncIterable<string>,
  { stream, replicas = 1 }: { stream: string; replicas?: number },
): Promise<ArchiveHead> {
  const reading = lines[Symbol.asyncIterator](); // before anything is waited for: node:readline drops the lines that come before it is listened to
  const manager = await assertRoomFor(connection, stream);
  const head = parsed(Head, await reading.next(), 'this is no archive of a log');
  await manager.streams.delete(stream).catch(unlessAbsent);
  const { config } = await makeStream(manager, streamConfig({ stream, replicas, first: Math.max(1, head.first), isBeingRestored: true }));
  try {
    await fill(connection, head, reading);
    await manager.streams.update(stream, asRestored(config));
  } catch (error) {
    await manager.streams.delete(stream);
    throw error;
  }
  return head;
}

/** @throws ArchiveUnusable when there is a log already */
export async function assertRoomFor(connection: NatsConnection, stream: string): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const info: StreamInfo | null = await manager.streams.info(stream).catch(unlessAbsent);
  if (info && info.state.messages > 0 && !isBeingRestored(info.config))
    throw new ArchiveUnusable(
      `there is a log already, with ${info.state.messages} events: restore into an installation that is empty, or move this log aside first (the folder "nats" of the data folder; in your own NATS the stream ${stream})`,
    );
  return manager;
}

async function fill(connection: NatsConnection, head: ArchiveHead, lines: AsyncIterator<string>): Promise<void> {
  const sum = createHash('sha256').update(JSON.stringify(head)).update('\n');
  let waiting: z.infer<typeof Message>[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) await appendAll(connection, waiting);
    waiting = [];
    bytes = 0;
  };
  for (let at = 0; at < head.events; at++) {
    const next = await lines.next();
    const message = parsed(Message, next, `the archive ends, or is damaged, at event ${head.first + at}`);
    if (message[0] !== head.first + at) throw new ArchiveUnusable(`event ${head.first + at} is missing in the archive`);
    sum.update(String(next.value)).update('\n');
    waiting.push(message);
    bytes += message[3].length;
    if (waiting.length >= Math.min(batch, maxAppend) || bytes >= mostBytes) await flush();
  }
  const { sha256 } = parsed(Tail, await lines.next(), 'the archive ends before its tail');
  if (sha256 !== sum.digest('hex')) throw new ArchiveUnusable('the archive is damaged: its sum is not the one in its tail');
  await flush();
}

/** One atomic batch. */
async function appendAll(connection: NatsConnection, messages: readonly z.infer<typeof Message>[]): Promise<void> {
  const batchId = nuid.next();
  const last = messages.length - 1;
  for (const [index, [sequence, subject, values, body]] of messages.entries()) {
    const headers = new RawHeaders();
    for (const [name, value] of Object.entries(values)) headers.append(name, value);
    if (last > 0) headers.append('Nats-Batch-Id', batchId).append('Nats-Batch-Sequence', String(index + 1));
    const data = Buffer.from(body, 'base64');
    if (index < last) {
      connection.publish(subject, data, { headers: headers.asHeaders() });
      continue;
    }
    if (last > 0) headers.append('Nats-Batch-Commit', '1');
    const answer = await connection.request(subject, data, { headers: headers.asHeaders(), timeout: appendTimeoutMs });
    const { seq, error } = answer.json<{ seq?: number; error?: { description?: string } }>();
    if (error || seq !== sequence)
      throw new ArchiveUnusable(`event ${sequence} could not be restored: ${error?.description ?? `it became ${seq}`}`);
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, next: IteratorResult<string>, otherwise: string): z.infer<Schema> {
  const result = schema.safeParse(next.done ? undefined : jsonOf(next.value));
  if (!result.success) throw new ArchiveUnusable(otherwise);
  return result.data;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the schema refuses it
  }
}

function unlessAbsent(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === 10059) return null;
  throw error;
}
