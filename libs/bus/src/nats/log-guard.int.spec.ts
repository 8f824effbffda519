import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything } from '@provident/contracts';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import { eventually, eventuallyHolds, type TempFolder, tempFolder } from '@provident/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

import type { EventLog } from '../event-log.js';
import { LogReplaced } from '../same-log.js';
import { retryDue, subjectIn, tell } from '../testing/index.js';
import { connectBroker } from './connect.js';
import { openNatsLog } from './nats-log.js';

let nats: OwnNats;
let folder: TempFolder;
let connections: NatsConnection[];
beforeEach(async () => {
  [nats, folder] = await Promise.all([startOwnNats(), tempFolder('log-guard')]);
  connections = [];
}, 60_000);
afterEach(async () => {
  for (const connection of connections) await connection.close();
  await nats?.stop();
  await folder?.remove();
});

/** The store in a server's folder of data. */
const storeIn = (data: string): string => join(data, 'nats');
const copyTo = (copy: string) => (data: string) => cp(storeIn(data), copy, { recursive: true });
const putBack = (copy: string) => async (data: string) => {
  await rm(storeIn(data), { recursive: true, force: true });
  await cp(copy, storeIn(data), { recursive: true });
};

async function connection(): Promise<NatsConnection> {
  const made = await connectBroker(nats.url, 'spec');
  connections.push(made);
  return made;
}

/** A process at work: it reads everything, and would append. */
interface AtWork {
  readonly log: EventLog;
  readonly heard: string[];
  readonly replaced: LogReplaced[];
  /** What its reading ended with. */
  readonly end: Promise<unknown>;
  stop(): void;
}

async function atWork(): Promise<AtWork> {
  const replaced: LogReplaced[] = [];
  const heard: string[] = [];
  const ending = new AbortController();
  const log = await openNatsLog(await connection(), { onReplaced: (error) => replaced.push(error) });
  const read = async (): Promise<null> => {
    for await (const events of log.read({ filters: [everything], after: 0, signal: ending.signal }))
      heard.push(...events.map(({ id }) => id));
    return null;
  };
  return { log, heard, replaced, end: read().catch((error: unknown) => error), stop: () => ending.abort() };
}

const due = (...people: string[]) => people.map((id) => retryDue(id, { at: new Date().toISOString() }));
/** By somebody else, who knows nothing of what was there before. */
const tellAnew = async (...people: string[]): Promise<void> => void (await tell(await openNatsLog(await connection()), ...due(...people)));

async function expectRefused({ log, replaced, end }: AtWork, words: RegExp): Promise<void> {
  await eventuallyHolds(() => expect(replaced).toHaveLength(1), { timeoutMs: 30_000 });
  expect(replaced[0]!.message).toMatch(words);
  expect(replaced[0]!.message).toMatch(/"provident restore --present-log"/);
  expect(await end).toBe(replaced[0]);
  await expect(log.append(due('late'), new Map([[subjectIn('0', 'escrow-retrier'), 0]]))).rejects.toBeInstanceOf(LogReplaced);
}

test('the log is the same after its server ended and came back: whoever is at work goes on', async () => {
  const it = await atWork();
  await tell(it.log, ...due('a', 'b'));
  await nats.restart('SIGKILL');
  await tellAnew('c');
  await eventuallyHolds(() => expect(it.heard).toEqual(['retry.a', 'retry.b', 'retry.c']), { timeoutMs: 20_000 });
  it.stop();
  expect([await it.end, it.replaced]).toEqual([null, []]);
}, 60_000);

test('an older copy of the log in its place is refused by whoever is at work', async () => {
  const copy = join(folder.path, 'copy');
  const it = await atWork();
  await tell(it.log, ...due('a'));
  await nats.restart('SIGTERM', copyTo(copy));
  await tellAnew('b', 'c');
  await eventuallyHolds(() => expect([it.heard, it.replaced]).toEqual([['retry.a', 'retry.b', 'retry.c'], []]), { timeoutMs: 20_000 });
  await nats.restart('SIGKILL', putBack(copy));
  await expectRefused(it, /known up to 3 of log \S+, which ends at 1: it went back to an older state/);
}, 60_000);

test('an older copy that was written on before the server could be reached again is refused, and nothing of it is handed out', async () => {
  const copy = join(folder.path, 'copy');
  const it = await atWork();
  await tell(it.log, ...due('a'));
  await nats.restart('SIGTERM', copyTo(copy));
  await tellAnew('b', 'c');
  await eventuallyHolds(() => expect([it.heard, it.replaced]).toEqual([['retry.a', 'retry.b', 'retry.c'], []]), { timeoutMs: 20_000 });
  const elsewhere = await startOwnNats();
  const grown = join(folder.path, 'grown');
  try {
    await elsewhere.restart('SIGTERM', putBack(copy));
    const other = await connectBroker(elsewhere.url, 'spec');
    await tell(await openNatsLog(other), ...due('b', 'x', 'y', 'z'));
    await other.close();
    await elsewhere.restart('SIGTERM', copyTo(grown));
  } finally {
    await elsewhere.stop();
  }
  await nats.restart('SIGKILL', putBack(grown));
  await expectRefused(it, /event 3 .*retry\.c.* stood in it where 3 .*retry\.x.* stands now/);
  expect(it.heard).toEqual(['retry.a', 'retry.b', 'retry.c']);
}, 60_000);

test('a log that was made anew under its name, without the connection being lost, is refused', async () => {
  const it = await atWork();
  await tell(it.log, ...due('a'));
  await eventually(() => it.heard.length === 1);
  const manager = await jetstreamManager(await connection());
  await manager.streams.delete('PROVISIONING');
  await tellAnew('x', 'y');
  await expectRefused(it, /but this is log \S+: it was replaced/);
  expect(it.heard).toEqual(['retry.a']);
}, 60_000);

test('a log that is gone is refused after a while', async () => {
  const it = await atWork();
  await tell(it.log, ...due('a'));
  await (await jetstreamManager(await connection())).streams.delete('PROVISIONING');
  await expectRefused(it, /which is not there any more/);
}, 60_000);
