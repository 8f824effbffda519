import { generateKeyPairSync } from 'node:crypto';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectBroker, StaleWriter } from '@provident/bus';
import { networkPolicy } from '@provident/connectors/config';
import type { LogEvent, StreamDefinition, StreamFormat } from '@provident/contracts';
import { type OwnNats, startOwnNats, type TestDatabase, testDatabase } from '@provident/embedded/testing';
import type { StreamItem, StreamPage } from '@provident/report';
import { openDatabase } from '@provident/service-kit';
import { eventually, eventuallyHolds, type TempFolder, tempFolder } from '@provident/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { DataSource } from 'typeorm';

import { openDestination } from './destinations/open-destination.js';
import { signatureOf, webhookHeaders } from './destinations/webhook.js';
import { findProblem } from './find-problem.js';
import { openFormat } from './formats/open-format.js';
import { readSigningKey } from './formats/signing-key.js';
import { StreamSender } from './run/stream-sender.js';
import { secretsOf } from './secrets.js';
import { Cursors } from './state/cursors.js';
import { streamerEntities, streamerMigrations, streamerSchema } from './state/schema.js';
import type { KnownStream } from './streams/stream-registry.js';
import { auditItem, entryItem, tenantId } from './testing/items.js';
import { isLogsRequest } from './testing/standards.js';

const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const secrets: Record<string, string> = { hmac: 'a shared secret', bearer: 'token-1', signing: key };
const readSecret = async (name: string): Promise<string> => secrets[name] ?? Promise.reject(new Error('no such secret'));
const local = networkPolicy('local');
const token = { signingKey: 'signing', issuer: 'https://provident.example.org', audience: 'https://wiki.example.org' };

/** Two messages at each place in the log. */
const items = (count: number): StreamItem[] => Array.from({ length: count }, (_, at) => [auditItem(at + 1), entryItem(at + 1)]).flat();
const pageSize = 20;

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let database: TestDatabase;
let source: DataSource;
let cursors: Cursors;
let nats: OwnNats;
let connection: NatsConnection;
let receiver: Server;
let folder: TempFolder;
let received: Received[];
/** What the receiver does with a request; takes it by default. */
let behave: ((request: Received, response: ServerResponse) => void) | null;
let log: StreamItem[];
let stop: AbortController;
let name = 0;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(), startOwnNats()]);
  connection = await connectBroker(nats.url, 'spec');
  const options = {
    url: database.url,
    schema: streamerSchema,
    entities: streamerEntities,
    migrations: streamerMigrations,
    isMadeFromLog: false,
  };
  source = await openDatabase(options);
  cursors = new Cursors(source, 'log-1', () => new Date());
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const each = { headers: request.headers, body };
      if (behave) return behave(each, response);
      received.push(each);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
}, 120_000);
afterAll(async () => {
  receiver?.closeAllConnections();
  receiver?.close();
  await source?.destroy();
  await connection?.close();
  await nats?.stop();
  await database?.drop();
});
beforeEach(async () => {
  folder = await tempFolder('streams');
  received = [];
  behave = null;
  log = items(50);
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await folder.remove();
});

const url = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
const webhook = (): StreamDefinition['destination'] => ({ kind: 'webhook', url: url(), secret: 'hmac', bearer: 'bearer' });

function streamOf(destination: StreamDefinition['destination'], format: StreamFormat = { kind: 'cloudevents' }): KnownStream {
  const definition = { streamId: `stream-${++name}`, destination, format, filter: {} };
  return { definition, added: 1, addedAt: '', addedBy: '', revision: 1, isPaused: false, from: { sequence: 0, saidAt: 1 } };
}

/** As the read models answer: what lies in a window behind a place. */
async function read(after: number): Promise<StreamPage | null> {
  const last = log.at(-1)?.sequence ?? 0;
  if (after >= last) return null;
  const through = Math.min(after + pageSize, last);
  return { log: 'log-1', position: last, through, items: log.filter(({ sequence }) => sequence > after && sequence <= through) };
}

const portsOf = ({ definition }: KnownStream, network = local) => ({
  streamId: definition.streamId,
  formatKind: definition.format.kind,
  readSecret: secretsOf({ readSecret }),
  network,
  connection,
  folder: folder.path,
  now: () => new Date(),
});

/** The log as it is beside the read models. */
const logOf = (of: readonly StreamItem[]) => ({
  head: async () => of.at(-1)?.sequence ?? 0,
  find: async (sequence: number) => {
    const item = of.find((each) => each.sequence === sequence);
    return item ? ({ sequence, at: item.at, id: item.kind === 'audit' ? item.audit.id : item.entry.id } as LogEvent) : null;
  },
});

function senderOf(stream: KnownStream, { network = local, reader = read, beside = logOf(log) } = {}): StreamSender {
  return new StreamSender({
    stream,
    cursors,
    read: reader,
    log: beside,
    format: openFormat(stream.definition, { tenantId, now: () => new Date() }, secretsOf({ readSecret })),
    openDestination: () => openDestination(stream.definition, portsOf(stream, network)),
    now: () => new Date(),
    assertHeld: () => undefined,
    observe: () => undefined,
  });
}

const run = (stream: KnownStream, options?: Parameters<typeof senderOf>[1]): Promise<void> => senderOf(stream, options).run(stop.signal);
const cursorOf = async ({ definition }: KnownStream) => (await cursors.list()).find(({ streamId }) => streamId === definition.streamId);
/** By what was last said of the stream: a cursor that has not heard of it yet may be at the log's end from before. */
async function isThrough(stream: KnownStream): Promise<boolean> {
  const cursor = await cursorOf(stream);
  return Number(cursor?.revision) === stream.revision && Number(cursor?.sequence) === log.at(-1)!.sequence;
}
const idsOf = (bodies: readonly string[]): string[] => bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
const expectedIds = (): string[] => log.map((item) => (item.kind === 'audit' ? item.audit.id : `${item.entry.id}.${item.sequence}`));

describe('a webhook', () => {
  test('gets everything once and in order, signed, in batches of CloudEvents', async () => {
    const stream = streamOf(webhook());
    const running = run(stream);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    expect(idsOf(received.map(({ body }) => body))).toEqual(expectedIds());
    for (const { headers, body } of received) {
      const timestamp = String(headers[webhookHeaders.timestamp]);
      expect(headers).toMatchObject({
        'content-type': 'application/cloudevents-batch+json; charset=utf-8',
        authorization: 'Bearer token-1',
        [webhookHeaders.stream]: stream.definition.streamId,
        [webhookHeaders.signature]: signatureOf('a shared secret', timestamp, body),
      });
    }
    expect(Number((await cursorOf(stream))!.delivered)).toBe(log.length);
  });

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['refuses', (response) => response.writeHead(500).end('no'), /answered 500/],
    [
      'leads elsewhere, which is not followed',
      (response) => response.writeHead(307, { location: url() }).end(),
      /redirect, which is not followed/,
    ],
    ['breaks off', (response) => response.destroy(), /could not be reached/],
    ['answers with something that is not HTTP', (response) => response.socket?.end('no HTTP\r\n\r\n'), /could not be reached/],
  ])('that %s is tried again, says why, and gets everything in the end', async (_, refuse, why) => {
    const stream = streamOf(webhook());
    let refusals = 0;
    behave = (request, response) => {
      if (refusals++ === 0) return refuse(response);
      received.push(request);
      response.writeHead(204).end();
    };
    const running = run(stream);
    await eventuallyHolds(async () => expect((await cursorOf(stream))?.lastError).toMatch(why));
    const waiting = (await cursorOf(stream))!;
    expect([waiting.failures, Number(waiting.sequence)]).toEqual([1, 0]);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    expect(idsOf(received.map(({ body }) => body))).toEqual(expectedIds());
    expect((await cursorOf(stream))!.failures).toBe(0);
  });

  test('is left alone for as long as it asks', async () => {
    const stream = streamOf(webhook());
    behave = (_, response) => response.writeHead(429, { 'retry-after': '900' }).end();
    const running = run(stream);
    const next = await eventually(async () => (await cursorOf(stream))?.nextAttemptAt);
    stop.abort();
    await running;
    const { lastErrorAt } = (await cursorOf(stream))!;
    expect(next.getTime() - lastErrorAt!.getTime()).toBeGreaterThan(890_000);
  });

  test('for which a request is too much gets fewer at a time', async () => {
    const stream = streamOf(webhook());
    behave = (request, response) => {
      if (idsOf([request.body]).length > 30) return response.writeHead(413).end();
      received.push(request);
      return response.writeHead(204).end();
    };
    log = items(30);
    const running = senderOf(stream, {
      reader: async (after) =>
        after >= 30 ? null : { log: 'log-1', position: 30, through: 30, items: log.filter(({ sequence }) => sequence > after) },
    }).run(stop.signal);
    await eventually(() => isThrough(stream), { timeoutMs: 20_000 });
    stop.abort();
    await running;
    expect(idsOf(received.map(({ body }) => body)).sort()).toEqual(expectedIds().sort());
  }, 30_000);

  test('that never answers holds up nobody else, and ends with the service', async () => {
    const [slow, quick] = [streamOf(webhook()), streamOf({ kind: 'file', file: 'quick.jsonl', rotateBytes: 1_000_000 })];
    let asked = 0;
    behave = () => void asked++;
    const running = Promise.all([run(slow), run(quick)]);
    await eventually(() => asked > 0);
    await eventually(() => isThrough(quick));
    expect(Number((await cursorOf(slow))!.sequence)).toBe(0);
    stop.abort();
    await running;
  });

  test('at an address that is never connected to is refused before anything leaves', async () => {
    const stream = streamOf(webhook());
    const running = run(stream, { network: networkPolicy('') });
    await eventuallyHolds(async () => expect((await cursorOf(stream))?.lastError).toMatch(/loopback address/));
    stop.abort();
    await running;
    expect(received).toEqual([]);
    const places = { readSecret: secretsOf({ readSecret }), network: networkPolicy(''), folder: null };
    expect(await findProblem(stream.definition, places)).toMatch(/loopback address/);
    expect(await findProblem(stream.definition, { ...places, network: local })).toBeNull();
  });

  test('takes security event tokens one at a time, which are verified by the public key', async () => {
    log = Array.from({ length: 5 }, (_, at) => auditItem(at + 1));
    const stream = streamOf(webhook(), { kind: 'set', token });
    const running = run(stream);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    const keys = createLocalJWKSet({ keys: [(await readSigningKey(key)).publicKey] });
    const ids = received.map(async ({ headers, body }) => {
      expect(headers['content-type']).toBe('application/secevent+jwt');
      return (await jwtVerify(body, keys, { issuer: token.issuer, audience: token.audience })).payload.jti;
    });
    expect(await Promise.all(ids)).toEqual(expectedIds());
  });
});

describe('whoever sends', () => {
  test('may end at any time: the next one goes on, nothing is missing, and what comes twice has the same id', async () => {
    const stream = streamOf(webhook());
    let requests = 0;
    for (const endAt of [1, 2, 2]) {
      // The receiver has taken it, and nobody noted that any more: as if the process had been killed right then.
      const killed = new AbortController();
      behave = (request, response) => {
        received.push(request);
        if (++requests < endAt) return response.writeHead(204).end();
        requests = 0;
        killed.abort();
        return response.destroy();
      };
      await senderOf(stream).run(killed.signal);
    }
    behave = null;
    const running = run(stream);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    const ids = idsOf(received.map(({ body }) => body));
    expect(new Set(ids)).toEqual(new Set(expectedIds()));
    expect(ids.length).toBeGreaterThan(log.length);
  });

  test('is refused when another one has sent meanwhile', async () => {
    const stream = streamOf(webhook());
    behave = (request, response) => {
      received.push(request);
      void cursors.move(stream, 0, 7, { count: 0, refused: 0, words: null }).then(() => response.writeHead(204).end());
    };
    await expect(run(stream)).rejects.toBeInstanceOf(StaleWriter);
    expect(Number((await cursorOf(stream))!.sequence)).toBe(7);
  });

  test('goes on from another place when somebody says so, and starts anew with another stream of the same name', async () => {
    const stream = streamOf({ kind: 'file', file: 'a.jsonl', rotateBytes: 1_000_000 });
    await cursors.open(stream);
    await cursors.move(stream, 0, 50, { count: 9, refused: 0, words: null });
    const rewound = { ...stream, revision: 5, from: { sequence: 30, saidAt: 5 } };
    expect(await cursors.open(rewound)).toMatchObject({ sequence: '30', delivered: '9' });
    await cursors.move(rewound, 30, 44, { count: 1, refused: 0, words: null });
    const resumed = { ...rewound, revision: 8 };
    expect(await cursors.open(resumed)).toMatchObject({ sequence: '44', delivered: '10' });
    await expect(cursors.open(stream)).rejects.toBeInstanceOf(StaleWriter);
    const another = { ...stream, added: 9, revision: 9, from: { sequence: 2, saidAt: 9 } };
    expect(await cursors.open(another)).toMatchObject({ sequence: '2', delivered: '0' });
  });

  test('stops before a log that is another one', async () => {
    const stream = streamOf(webhook());
    const running = run(stream, { reader: async (after) => ({ ...(await read(after))!, log: 'log-2' }) });
    await eventuallyHolds(async () => expect((await cursorOf(stream))?.lastError).toMatch(/another one than before/));
    stop.abort();
    await running;
    expect(received).toEqual([]);
  });

  test.each([
    ['ends before the place that the stream came to', () => log.slice(0, 20), /which ends at \d+: it went back to an older state/],
    ['was written on since it went back', () => log.map((item) => ({ ...item, at: '2026-03-02T08:00:00.000Z' })), /written on since/],
  ])('stops before a log that %s, and goes on where somebody says so', async (_, other, why) => {
    const stream = streamOf(webhook());
    let running = run(stream);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    received = [];
    log = [...other()];
    stop = new AbortController();
    running = run(stream);
    await eventuallyHolds(async () => expect((await cursorOf(stream))?.lastError).toMatch(why));
    stop.abort();
    await running;
    expect(received).toEqual([]);
    stop = new AbortController();
    const rewound = { ...stream, revision: 2, from: { sequence: 0, saidAt: 2 } };
    running = run(rewound);
    await eventually(() => isThrough(rewound));
    stop.abort();
    await running;
    expect(idsOf(received.map(({ body }) => body))).toEqual(expectedIds());
  });
});

describe('a file', () => {
  const linesOf = async (file: string): Promise<string[]> => (await readFile(join(folder.path, file), 'utf8')).split('\n').slice(0, -1);

  test('has one line for each message; full ones are put aside, and the oldest of those go', async () => {
    const all = streamOf({ kind: 'file', file: 'all.jsonl', rotateBytes: 8_192 });
    const some = streamOf({ kind: 'file', file: 'some.jsonl', rotateBytes: 8_192, keep: 2 });
    const running = Promise.all([run(all), run(some)]);
    await eventually(async () => (await isThrough(all)) && (await isThrough(some)));
    stop.abort();
    await running;
    const files = (await readdir(folder.path)).sort();
    const named = (prefix: string): string[] => files.filter((file) => file.startsWith(`${prefix}.`));
    const kept = [...named('all.jsonl'), 'all.jsonl'];
    const lines = (await Promise.all(kept.map(linesOf))).flat();
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(expectedIds());
    expect(named('all.jsonl').length).toBeGreaterThan(2);
    expect(named('some.jsonl')).toHaveLength(2);
    for (const file of files) expect((await readFile(join(folder.path, file))).length).toBeLessThanOrEqual(8_192);
  });

  test('is mended where a crash cut off a line, which comes again', async () => {
    const stream = streamOf({ kind: 'file', file: 'torn.jsonl', rotateBytes: 1_000_000 });
    await appendFile(join(folder.path, 'torn.jsonl'), `{"id":"before"}\n{"id":"cut off${'x'.repeat(70_000)}`);
    const running = run(stream);
    await eventually(() => isThrough(stream));
    stop.abort();
    await running;
    const ids = (await linesOf('torn.jsonl')).map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['before', ...expectedIds()]);
  });

  test('that cannot be written keeps its stream waiting', async () => {
    await appendFile(join(folder.path, 'no-folder'), '');
    const stream = streamOf({ kind: 'file', file: 'a.jsonl', rotateBytes: 1_000_000 });
    const inside = { ...portsOf(stream), folder: join(folder.path, 'no-folder') };
    const destination = openDestination(stream.definition, inside);
    await expect(destination.deliver([], stop.signal)).resolves.toEqual({ refused: 0, words: null });
    const format = openFormat(stream.definition, { tenantId, now: () => new Date() }, readSecret);
    await expect(destination.deliver(await format.write(log.slice(0, 1)), stop.signal)).rejects.toThrow(/cannot be written/);
    await expect(destination.test(await format.test('t'), stop.signal)).rejects.toThrow(/cannot be written/);
  });
});

test('a collector gets log records; those that it rejects are counted and not sent again', async () => {
  const stream = streamOf({ kind: 'otlp', url: url().replace('/events', ''), bearer: 'bearer' }, { kind: 'ocsf' });
  let isFirst = true;
  behave = (request, response) => {
    received.push(request);
    const answer = isFirst ? { partialSuccess: { rejectedLogRecords: '3', errorMessage: 'too old' } } : {};
    isFirst = false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  const running = run(stream);
  await eventually(() => isThrough(stream));
  stop.abort();
  await running;
  const requests = received.map(({ body }) => JSON.parse(body) as { resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[] });
  for (const request of requests) expect([isLogsRequest(request), isLogsRequest.errors]).toEqual([true, null]);
  expect(requests.flatMap((request) => request.resourceLogs[0]!.scopeLogs[0]!.logRecords)).toHaveLength(log.length);
  const cursor = (await cursorOf(stream))!;
  expect([Number(cursor.delivered), Number(cursor.refused)]).toEqual([log.length - 3, 3]);
  expect(cursor.lastError).toMatch(/rejected 3 of 40 records: too old/);
});

test('a subject that no stream of the broker takes keeps its stream waiting; once one does, it has everything once', async () => {
  const stream = streamOf({ kind: 'nats', subject: 'audit.spec' });
  const running = run(stream);
  await eventuallyHolds(async () => expect((await cursorOf(stream))?.lastError).toMatch(/no stream of the broker takes audit\.spec$/));
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'AUDIT', subjects: ['audit.>'] });
  await eventually(() => isThrough(stream), { timeoutMs: 20_000 });
  stop.abort();
  await running;
  // Another who sends the same again: the message ids are the same.
  const again = new AbortController();
  const rewound = { ...stream, revision: 2, from: { sequence: 0, saidAt: 2 } };
  const repeating = senderOf(rewound).run(again.signal);
  await eventuallyHolds(async () => expect(await cursorOf(stream)).toMatchObject({ revision: '2', sequence: '50' }));
  again.abort();
  await repeating;
  expect((await manager.streams.info('AUDIT')).state.messages).toBe(log.length);
}, 40_000);
