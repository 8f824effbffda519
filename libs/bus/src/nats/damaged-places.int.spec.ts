import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UnreadableEvent, everything } from '@provident/contracts';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import type { EventLog, UnreadableLogEvent } from '../event-log.js';
import { exported, retryDue, subjectIn, tell } from '../testing/index.js';
import { ArchiveUnusable, archiveLog, restoreLog } from './archive.js';
import { connectBroker } from './connect.js';
import { openNatsLog } from './nats-log.js';

let nats: OwnNats;
let connection: NatsConnection;
let log: EventLog;
beforeEach(async () => {
  nats = await startOwnNats();
  await open();
}, 60_000);
afterEach(async () => {
  await connection?.close();
  await nats?.stop();
});

async function open(): Promise<void> {
  connection = await connectBroker(nats.url, 'spec');
  log = await openNatsLog(connection);
}

async function damage(text: string): Promise<void> {
  await connection.close();
  await nats.restart('SIGTERM', turnOver(text));
  await open();
}

/** Turns one bit of a text over wherever it stands in the log's files. */
const turnOver = (text: string) => async (data: string) => {
  const folder = join(data, 'nats', 'jetstream', '$G', 'streams', 'PROVISIONING', 'msgs');
  const blocks = (await readdir(folder)).filter((name) => name.endsWith('.blk'));
  for (const block of blocks) {
    const bytes = await readFile(join(folder, block));
    const at = bytes.indexOf(text);
    if (at < 0) continue;
    bytes[at]! ^= 0x20;
    await writeFile(join(folder, block), bytes);
    return;
  }
  throw new Error(`${text} stands in none of ${blocks.join(', ')}`);
};

async function readUpTo(sequence: number, onUnreadable?: (event: UnreadableLogEvent) => void): Promise<string[]> {
  const heard: string[] = [];
  const ending = new AbortController();
  for await (const events of log.read({ filters: [everything], after: 0, signal: ending.signal, ...(onUnreadable && { onUnreadable }) })) {
    heard.push(...events.map(({ id }) => id));
    if ((events.at(-1)?.sequence ?? 0) >= sequence) ending.abort();
  }
  return heard;
}

async function archive(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of archiveLog(connection, {
    stream: 'PROVISIONING',
    madeAt: '2026-03-01T08:00:00.000Z',
    signal: AbortSignal.timeout(20_000),
  }))
    lines.push(line);
  return lines;
}

const words = /damaged in the store of NATS.*provident restore FILE/;

test('an event that is damaged on the disk is named by whoever reads everything, and never passed over in silence', async () => {
  await tell(log, retryDue('a'), retryDue('b'), exported('c'), retryDue('d'), retryDue('e'));
  await damage('retry.b');
  const told: UnreadableLogEvent[] = [];
  expect(await readUpTo(5, (event) => told.push(event))).toEqual(['retry.a', 'export.c', 'retry.d', 'retry.e']);
  expect(told).toEqual([{ sequence: 2, subject: null, reason: expect.stringMatching(words) }]);
  await expect(readUpTo(5)).rejects.toThrow(UnreadableEvent);
  const archiving = archive();
  await expect(archiving).rejects.toThrow(ArchiveUnusable);
  await expect(archiving).rejects.toThrow(/event 2 of the log cannot be archived: /);
}, 60_000);

/** Ids of the events on some subjects, up to the last one that is said. */
async function readSubjects(filters: readonly string[], last: string, after = 0): Promise<string[]> {
  const heard: string[] = [];
  const ending = new AbortController();
  for await (const events of log.read({ filters, after, signal: ending.signal })) {
    heard.push(...events.map(({ id }) => id));
    if (heard.includes(last)) ending.abort();
  }
  return heard;
}

describe('whoever reads some subjects', () => {
  const retries = [subjectIn('0', 'escrow-retrier')];

  test.each([
    ['the last of an append', 3],
    ['amid an append with others', 8],
  ])(
    'does not pass over an event that is damaged: %s',
    async (_, perAppend) => {
      const events = [
        retryDue('a'),
        exported('b'),
        retryDue('c'),
        exported('d'),
        retryDue('e'),
        exported('f'),
        retryDue('g'),
        exported('h'),
      ];
      for (let from = 0; from < events.length; from += perAppend) await tell(log, ...events.slice(from, from + perAppend));
      await damage('retry.c');
      await expect(readSubjects(retries, 'retry.g')).rejects.toThrow(words);
      await expect(readSubjects(retries, 'retry.g')).rejects.toThrow(/event 3 of the log/);
      expect(await readSubjects(retries, 'retry.g', 3)).toEqual(['retry.e', 'retry.g']);
      expect(await readSubjects([subjectIn('0', 'exporter')], 'export.h')).toEqual(['export.b', 'export.d', 'export.f', 'export.h']);
    },
    60_000,
  );

  test('has it still noticed after the log was brought back by an archive', async () => {
    await tell(log, retryDue('a'), exported('b'), retryDue('c'), exported('d'));
    await tell(log, retryDue('e'), exported('f'));
    const lines = await archive();
    await (await jetstreamManager(connection)).streams.delete('PROVISIONING');
    await restoreLog(connection, Readable.from(lines), { stream: 'PROVISIONING' });
    await damage('retry.c');
    await expect(readSubjects(retries, 'retry.e')).rejects.toThrow(/event 3 of the log/);
  }, 60_000);
});

test('a stage whose newest event is damaged does not begin anew as if it had said nothing', async () => {
  await tell(log, retryDue('a'), exported('b'), retryDue('c'));
  await damage('export.b');
  await expect(log.findLast(subjectIn('0', 'exporter'))).rejects.toThrow(words);
  expect((await log.findLast(subjectIn('0', 'escrow-retrier')))?.id).toBe('retry.c');
  expect(await log.findLast(subjectIn('0', 'importer'))).toBeNull();
}, 60_000);
