import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Appender } from '@provident/bus';
import { MemoryLog } from '@provident/bus/testing';
import { AddStream, type StreamDefinition } from '@provident/contracts';

import { Undelivered } from '../destinations/destination.js';
import { StreamOrders } from './stream-orders.js';
import { StreamRegistry, streamSubject } from './stream-registry.js';

const by = { kind: 'user', name: 'kim' } as const;
const file = (name: string): StreamDefinition['destination'] => ({ kind: 'file', file: name, rotateBytes: 65_536 });
const order = (streamId: string, said: object = {}) =>
  AddStream.schema.parse({ order: { streamId, destination: file(`${streamId}.jsonl`), ...said }, by });

let log: MemoryLog;
let registry: StreamRegistry;
let ending: AbortController;
let problem: string | null;

beforeEach(async () => {
  log = new MemoryLog();
  ending = new AbortController();
  problem = null;
  registry = new StreamRegistry(log);
  await registry.start(ending.signal);
});
afterEach(() => ending.abort());

const ordersOf = (known = registry): StreamOrders =>
  new StreamOrders({
    registry: known,
    log,
    appender: new Appender(log),
    now: () => new Date('2026-03-01T08:00:00.000Z'),
    findProblem: async () => problem,
    open: () => {
      throw new Undelivered('it answered 503');
    },
    signingKeyOf: () => Promise.reject(new Undelivered('no key')),
  });

test('orders are events: who let what go where, and every instance knows', async () => {
  const orders = ordersOf();
  expect(await orders.add(order('siem', { from: 0 }))).toMatchObject({ ok: true });
  expect(await orders.pause('siem', by)).toMatchObject({ ok: true });
  expect(await orders.start({ streamId: 'siem', from: 2, by })).toMatchObject({ ok: true });
  const other = new StreamRegistry(log);
  await other.start(ending.signal);
  expect(other.find('siem')).toEqual(registry.find('siem'));
  expect(other.find('siem')).toMatchObject({ added: 1, addedBy: 'kim', revision: 3, isPaused: false, from: { sequence: 2, saidAt: 3 } });
  expect(await orders.remove('siem', by)).toMatchObject({ ok: true });
  expect(registry.list()).toEqual([]);
  const kinds = (await log.findLast(streamSubject))!;
  expect([kinds.type, kinds.data]).toMatchObject([
    'stream-removed',
    { streamId: 'siem', by, definition: { destination: file('siem.jsonl') } },
  ]);
});

test('of two instances that add the same name at the same time one is refused', async () => {
  const other = new StreamRegistry(log);
  await other.start(ending.signal);
  const answers = await Promise.all([ordersOf().add(order('siem')), ordersOf(other).add(order('siem'))]);
  expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
  expect(answers.find(({ ok }) => !ok)!.message).toMatch(/already/);
});

test.each<[string, (orders: StreamOrders) => Promise<{ ok: boolean; message: string }>, RegExp]>([
  ['a name twice', (orders) => orders.add(order('known')), /already/],
  ['a file twice', (orders) => orders.add(order('new', { destination: file('known.jsonl') })), /writes that file already/],
  ['a place that there is not yet', (orders) => orders.add(order('new', { from: 99 })), /the log ends at 1/],
  ['to go on where nothing is yet', (orders) => orders.start({ streamId: 'known', from: 99, by }), /the log ends at 1/],
  ['to pause what is not there', (orders) => orders.pause('other', by), /there is no stream "other"/],
  ['to remove what is not there', (orders) => orders.remove('other', by), /there is no stream "other"/],
  ['to test what is not there', (orders) => orders.test('other'), /there is no stream "other"/],
  ['a test that nobody takes', (orders) => orders.test('known'), /does not take anything: it answered 503/],
])('refuses %s, and writes nothing', async (_, ask, why) => {
  await ordersOf().add(order('known'));
  const { ok, message } = await ask(ordersOf());
  expect([ok, message]).toEqual([false, expect.stringMatching(why)]);
  expect(await log.head()).toBe(1);
});

test('what is known against a destination refuses it', async () => {
  problem = 'there is no secret "hmac" in the vault';
  expect(await ordersOf().add(order('siem'))).toMatchObject({ ok: false, message: problem });
});

test.each<[string, object, string]>([
  ['an address with a password', { destination: { kind: 'webhook', url: 'https://me:pw@a.example', secret: 's' } }, 'credentials'],
  ['a file in another folder', { destination: { kind: 'file', file: '../a' } }, 'without a folder'],
  ["the service's own subject", { destination: { kind: 'nats', subject: 'provisioning.a' } }, 'used by the service itself'],
  ['a subject with a wildcard', { destination: { kind: 'nats', subject: 'a.>' } }, 'without wildcards'],
  [
    'tokens for a log collector',
    {
      destination: { kind: 'otlp', url: 'https://a.example' },
      format: { kind: 'set', token: { signingKey: 'k', issuer: 'i', audience: 'a' } },
    },
    'no security event tokens',
  ],
  [
    'tokens of nothing',
    { format: { kind: 'set', token: { signingKey: 'k', issuer: 'i', audience: 'a' } }, filter: { statuses: ['failure'] } },
    'writes that succeeded',
  ],
])('%s is no stream', (_, said, why) => {
  const parsed = AddStream.schema.safeParse({ order: { streamId: 'a', destination: file('a'), ...said }, by });
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(why);
});
