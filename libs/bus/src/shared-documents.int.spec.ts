import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { testNatsUrl } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import { connectBroker } from './nats/connect.js';
import { SharedDocuments } from './shared-documents.js';

interface Counter {
  readonly count: number;
}

let bucket: string;
let connections: NatsConnection[];
beforeEach(() => {
  bucket = `spec-${randomUUID()}`;
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) await connection.close();
});

async function open(): Promise<SharedDocuments<Counter>> {
  const connection = await connectBroker(testNatsUrl(), 'spec');
  connections.push(connection);
  return SharedDocuments.open<Counter>(connection, bucket);
}

async function countUp(documents: SharedDocuments<Counter>): Promise<void> {
  for (;;) {
    const found = await documents.find('a');
    if ((await documents.replace('a', { count: (found?.value.count ?? 0) + 1 }, found?.revision ?? 0)) !== null) return;
  }
}

test('of several who change a document at once, each builds on what the one before left', async () => {
  const all = [await open(), await open(), await open()];
  await Promise.all(all.flatMap((documents) => Array.from({ length: 10 }, () => countUp(documents))));
  expect((await all[0]!.find('a'))?.value).toEqual({ count: 30 });
  expect(await all[0]!.list()).toEqual([{ key: 'a', value: { count: 30 } }]);
});

test('a document that somebody else has made first is not made again', async () => {
  const [one, other] = [await open(), await open()];
  expect(await one.replace('a', { count: 1 }, 0)).toEqual(expect.any(Number));
  expect(await other.replace('a', { count: 2 }, 0)).toBeNull();
  expect(await other.find('b')).toBeNull();
});

test('who watches hears what is there and every change', async () => {
  const [one, other] = [await open(), await open()];
  const revision = await one.replace('a', { count: 1 }, 0);
  const heard: number[] = [];
  const end = await other.watch('a', ({ value }) => heard.push(value.count));
  await eventually(() => heard.length === 1); // of what changes sooner only the latest is kept, and heard
  await one.replace('a', { count: 2 }, revision!);
  await eventually(() => heard.length === 2);
  expect(heard).toEqual([1, 2]);
  end();
});

test('all have the same clock, whatever their own shows, and it goes on', async () => {
  const [one, other] = [await open(), await open()];
  const [first, second, third] = [one.now(), other.now(), one.now()];
  expect(second - first).toBeGreaterThan(-500);
  expect(third - second).toBeGreaterThan(-500);
  expect(Math.abs(first - Date.now())).toBeLessThan(60_000);
});
