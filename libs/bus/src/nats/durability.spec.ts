import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';

import { BrokerUnusable } from './connect.js';
import { assertDurable } from './durability.js';

const natsUrl = 'nats://kim:secret@broker:4222';
let monitoring: Server;
let address: string;
let answer: { readonly status: number; readonly body: string };

beforeAll(async () => {
  monitoring = createServer((request, response) => {
    if (request.url === '/varz') response.writeHead(answer.status).end(answer.body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => monitoring.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(monitoring.address() as AddressInfo).port}`;
});
afterAll(() => {
  monitoring.closeAllConnections();
  monitoring.close();
});
beforeEach(() => {
  answer = { status: 200, body: JSON.stringify({ jetstream: { config: { sync_interval: 120_000_000_000, sync_always: true } } }) };
});

test('a broker that writes synchronously is seen to, declared to, or waived', async () => {
  expect(await assertDurable({ natsUrl, monitoringUrl: address })).toBe('seen');
  expect(await assertDurable({ natsUrl, sync: 'always' })).toBe('declared');
  expect(await assertDurable({ natsUrl, sync: 'waived', monitoringUrl: 'http://127.0.0.1:1' })).toBe('waived');
});

test('without a word it is refused, with each way out and no password', async () => {
  const refused = await assertDurable({ natsUrl }).catch((error: unknown) => error as Error);
  expect(refused).toBeInstanceOf(BrokerUnusable);
  for (const part of ['NATS_MONITORING_URL', 'NATS_SYNC=always', 'NATS_SYNC=waived', 'power cut', 'nats://…@broker:4222'])
    expect((refused as Error).message).toContain(part);
  expect((refused as Error).message).not.toContain('secret');
});

test.each([
  ['that flushes now and then', { jetstream: { config: { sync_interval: 120_000_000_000 } } }],
  ['without JetStream', { jetstream: {} }],
])('one %s is refused, whatever is declared', async (_, varz) => {
  answer = { status: 200, body: JSON.stringify(varz) };
  for (const sync of [undefined, 'always'] as const)
    await expect(assertDurable({ natsUrl, sync, monitoringUrl: address })).rejects.toThrow(
      /does not write synchronously.*sync_interval: always/,
    );
});

test('one of several servers is enough to be refused', async () => {
  const other = createServer((_, response) => response.end('{"jetstream":{"config":{}}}'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const second = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await expect(assertDurable({ natsUrl, monitoringUrl: `${address}, ${second}` })).rejects.toThrow(/does not write synchronously/);
    expect(await assertDurable({ natsUrl, monitoringUrl: `${address},${address}` })).toBe('seen');
  } finally {
    other.closeAllConnections();
    other.close();
  }
});

test.each([
  ['says nothing of the kind', 200, '"hello"', /is not the monitoring of NATS/],
  ['fails', 503, '', /does not answer at .* \(status 503\)/],
  ['is no JSON', 200, '<html>', /does not answer at/],
])('a monitoring that %s is told of', async (_, status, body, why) => {
  answer = { status, body };
  await expect(assertDurable({ natsUrl, monitoringUrl: address })).rejects.toThrow(why);
});
