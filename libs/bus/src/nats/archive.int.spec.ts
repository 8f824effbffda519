import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { everything } from '@provident/contracts';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

import type { EventLog } from '../event-log.js';
import { collect, retryDue, subjectOfEvent, tell } from '../testing/index.js';
import { ArchiveUnusable, archiveLog, restoreLog } from './archive.js';
import { connectBroker } from './connect.js';
import { makeStream } from './make-stream.js';
import { openNatsLog } from './nats-log.js';

let server: OwnNats;
let connection: NatsConnection;
let log: EventLog;
const signal = new AbortController().signal;
const stream = 'PROVISIONING';
const madeAt = '2026-03-01T08:00:00.000Z';
const count = 1_234;

beforeAll(async () => {
  server = await startOwnNats();
  connection = await connectBroker(server.url, 'spec');
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await server?.stop();
});
beforeEach(async () => {
  await forgetLog();
  log = await openNatsLog(connection);
});

async function forgetLog(): Promise<void> {
  const manager = await jetstreamManager(connection);
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
}

async function fill(): Promise<void> {
  for (let from = 0; from < count; from += 500)
    await tell(
      log,
      ...Array.from({ length: Math.min(500, count - from) }, (_, i) => retryDue(`Żółć % ${from + i}`, { position: from + i })),
    );
}

async function archive(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of archiveLog(connection, { stream, madeAt, signal })) lines.push(line);
  return lines;
}

const readAll = async (from: EventLog) =>
  (await collect((until) => from.read({ filters: [everything], after: 0, signal: until }), count)).events;
const restore = (lines: readonly string[]) => restoreLog(connection, asyncLines(lines), { stream });
async function* asyncLines(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

test('a restored log is the archived one, event for event, and takes what comes next', async () => {
  await fill();
  const before = await readAll(log);
  const lines = await archive();
  expect(lines).toHaveLength(count + 2);
  await forgetLog();
  expect(await restore(lines)).toMatchObject({ first: 1, last: count, events: count, madeAt });
  const restored = await openNatsLog(connection);
  expect(await readAll(restored)).toEqual(before);
  expect(await restored.extent()).toEqual({ first: 1, last: count, events: count });
  expect(restored.identity).not.toBe(log.identity);
  expect(await restored.append([retryDue('next')], new Map([[subjectOfEvent(retryDue('next')), count]]))).toEqual([count + 1]);
});

test('lines that come before anybody waits for them are not lost', async () => {
  await fill();
  const lines = await archive();
  await forgetLog();
  const eager = createInterface({ input: Readable.from([`${lines.join('\n')}\n`]) });
  expect(await restoreLog(connection, eager, { stream })).toMatchObject({ events: count });
});

test('an empty log comes back empty', async () => {
  const lines = await archive();
  await forgetLog();
  expect(await restore(lines)).toMatchObject({ events: 0 });
  expect(await (await openNatsLog(connection)).head()).toBe(0);
});

test('the archive of a log whose beginning is gone keeps the sequences', async () => {
  await forgetLog();
  const manager = await jetstreamManager(connection);
  await makeStream(manager, { name: stream, subjects: [everything], allow_atomic: true, first_seq: 1_001 });
  log = await openNatsLog(connection);
  await tell(log, retryDue('a'), retryDue('b'));
  const lines = await archive();
  await forgetLog();
  await restore(lines);
  expect(await (await openNatsLog(connection)).extent()).toEqual({ first: 1_001, last: 1_002, events: 2 });
});

describe('nothing is left behind by', () => {
  let lines: string[];
  beforeEach(async () => {
    await fill();
    lines = await archive();
    await forgetLog();
  });
  const changed = (line: string): string =>
    line.replace(
      /"([^"]*)"\]$/,
      (_, body: string) => `"${Buffer.concat([Buffer.from(body, 'base64'), Buffer.from(' ')]).toString('base64')}"]`,
    );

  test.each<[string, (whole: string[]) => string[], RegExp]>([
    ['no archive', () => ['id,name', '1,Jane'], /this is no archive/],
    ['an empty file', () => [], /this is no archive/],
    ['another version', ([head = '', ...rest]) => [head.replace('"version":1', '"version":2'), ...rest], /this is no archive/],
    ['an archive cut short', (whole) => whole.slice(0, 700), /ends, or is damaged, at event 700/],
    ['an archive without its tail', (whole) => whole.slice(0, -1), /ends before its tail/],
    ['an archive that lacks one event', (whole) => whole.toSpliced(600, 1), /event 600 is missing/],
    ['an archive with a changed event', (whole) => whole.with(900, changed(whole[900]!)), /its sum is not the one/],
    ['garbage in between', (whole) => whole.with(900, '{'), /damaged, at event 900/],
  ])('%s', async (_, damage, message) => {
    const broken = restore(damage(lines));
    await expect(broken).rejects.toThrow(ArchiveUnusable);
    await expect(broken).rejects.toThrow(message);
    const manager = await jetstreamManager(connection);
    expect(await manager.streams.names().next()).toEqual([]);
  });
});

test('a log that is there is never overwritten', async () => {
  await fill();
  const lines = await archive();
  await expect(restore(lines)).rejects.toThrow(/there is a log already, with 1234 events/);
  expect(await log.head()).toBe(count);
});

test('while it is being restored nobody opens it, and a restore that was broken off is begun anew', async () => {
  await fill();
  const lines = await archive();
  await forgetLog();
  let reached = (): void => undefined;
  const half = new Promise<void>((resolve) => (reached = resolve));
  const broken = restoreLog(
    connection,
    (async function* () {
      yield* lines.slice(0, 800);
      reached();
      await new Promise(() => undefined); // its process is killed here
    })(),
    { stream },
  );
  broken.catch(() => undefined);
  await half;
  await expect(openNatsLog(connection)).rejects.toThrow(/is being restored/);
  expect(await restore(lines)).toMatchObject({ events: count });
  expect(await (await openNatsLog(connection)).head()).toBe(count);
});

test('a log in which events are missing is not archived', async () => {
  await forgetLog();
  const manager = await jetstreamManager(connection);
  await makeStream(manager, { name: stream, subjects: [everything], allow_atomic: true });
  log = await openNatsLog(connection);
  await tell(log, retryDue('a'), retryDue('b'), retryDue('c'));
  await manager.streams.deleteMessage(stream, 2);
  await expect(archive()).rejects.toThrow(/of the events 1 to 3 only 2 are there/);
});
