import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { everything } from '@provident/contracts';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, headers as newHeaders } from '@nats-io/transport-node';

import type { EventLog } from '../event-log.js';
import { eventLogContract, retryDue, subjectIn, tell } from '../testing/index.js';
import { connectBroker } from './connect.js';
import { makeStream } from './make-stream.js';
import { openNatsLog } from './nats-log.js';

let server: OwnNats;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startOwnNats();
  connection = await connectBroker(server.url, 'spec');
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await server?.stop();
});

async function freshLog(): Promise<EventLog> {
  const manager = await jetstreamManager(connection);
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  return openNatsLog(connection);
}

eventLogContract('the log on NATS', async () => ({
  fresh: freshLog,
  put: async (_log, subject, values, body) => {
    const headers = newHeaders();
    for (const [name, value] of Object.entries(values)) headers.append(name, value);
    await jetstream(connection).publish(subject, body, Object.keys(values).length > 0 ? { headers } : {});
  },
  close: async () => undefined,
}));

test('a log that is opened again is the same log', async () => {
  const log = await freshLog();
  await tell(log, retryDue('a'));
  const again = await openNatsLog(connection);
  expect([again.identity, await again.head()]).toEqual([log.identity, 1]);
});

test('a stream that takes no atomic batches is refused', async () => {
  await freshLog();
  const manager = await jetstreamManager(connection);
  await manager.streams.delete('PROVISIONING');
  await makeStream(manager, { name: 'PROVISIONING', subjects: [everything] });
  await expect(openNatsLog(connection)).rejects.toThrow(/does not take atomic batches/);
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a reader survives the %s of the server, and misses and repeats nothing',
  async (signal) => {
    const log = await freshLog();
    const stop = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const events of log.read({ filters: [everything], after: 0, signal: stop.signal })) {
        seen.push(...events.map(({ sequence }) => sequence));
      }
    })();
    await tell(log, ...[1, 2, 3].map((at) => retryDue(`before-${at}`)));
    await eventually(() => seen.length === 3);
    await server.restart(signal);
    await eventually(() => tell(log, retryDue('after-1'), retryDue('after-2')), { timeoutMs: 30_000 });
    await eventually(() => seen.length >= 5, { timeoutMs: 30_000 });
    stop.abort();
    await reading;
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  },
  90_000,
);

test('a reader that is stopped while the server is away ends without a word', async () => {
  const own = await startOwnNats();
  const other = await connectBroker(own.url, 'spec');
  try {
    const log = await openNatsLog(other);
    const stop = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const events of log.read({ filters: [subjectIn('0', 'escrow-retrier')], after: 0, signal: stop.signal }))
        seen.push(events.length);
    })();
    await tell(log, retryDue('a'));
    await eventually(() => seen.length === 1);
    await own.stop();
    await new Promise((resolve) => setTimeout(resolve, 5_500)); // the silence after which the reader asks for another consumer
    stop.abort();
    await expect(reading).resolves.toBeUndefined();
  } finally {
    await other.close();
  }
}, 60_000);
