import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectBroker, restoreLog } from '@provident/bus';
import { type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { CycleClosed, EscrowCleared, ObjectExported, RemovalWithdrawn, RemovalsHeld, RemovalsRejected } from '@provident/contracts';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';

import { type Broker, startBroker } from '../e2e/harness/broker.js';
import {
  Installation,
  type JobInput,
  type ServiceName,
  accountsIn,
  checkLog,
  csvJob,
  openEscrows,
  peopleRules,
  pipeline,
  writeCsv,
} from '../e2e/harness/index.js';
import { ReadModelRows } from './read-model-rows.js';

/**
 * What `provident backup` made of an installation of an earlier build (7696f5a): of eight people six got accounts, one had no user name and is in
 * escrow, one is out of scope; one was renamed and one disabled later; at last three were gone from the source, and their removals are held.
 */
const backup = fileURLToPath(new URL('recorded/earlier-build.backup.gz', import.meta.url));
const job = 'earlier';
const services: ServiceName[] = [...pipeline, 'audit-projector'];

let target: QuirkScimServer;
let database: TestDatabase;
let broker: Broker;
let installation: Installation;
let recorded: number;
beforeAll(async () => {
  target = await startQuirkScimServer();
  // As that build had left it, in the order in which it had made the accounts: their ids follow from that.
  for (const [name, givenName, familyName, active] of [
    ['ann', 'Ann', 'Arrow', true],
    ['eli', 'Eli', 'Fisher', true],
    ['dee', 'Dee', 'Dyer', true],
    ['bob', 'Bob', 'Baker', false],
    ['cem', 'Cem', 'Carter', true],
    ['fay', 'Fay', 'Glover', true],
  ] as const) {
    const userName = `${name}@example.org`;
    target.add({ userName, name: { givenName, familyName }, emails: [{ type: 'work', value: userName }], active });
  }
  database = await testDatabase();
  broker = await startBroker();
  const connection = await connectBroker(broker.url, 'spec');
  ({ events: recorded } = await restoreLog(connection, linesOf(backup), { stream: 'PROVISIONING' }));
  await connection.close();
  installation = await Installation.start({ services, servers: { natsUrl: broker.url, databaseUrl: database.url } });
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await broker?.stop();
  await database?.drop();
  await target?.close();
});

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Number.POSITIVE_INFINITY });
}

const header = 'employeeId,userName,givenName,familyName,email,department,status';
const row = (id: string, name: string, given: string, family: string, department = 'Sales', status = 'active'): string =>
  `${id},${name && `${name}@example.org`},${given},${family},${given.toLowerCase()}@example.org,${department},${status}`;
const people = (...rows: string[]): void => writeCsv(join(installation.folder, `${job}.csv`), `${[header, ...rows].join('\n')}\n`);

test('what an earlier build has written is read by this one, which goes on where that stopped: links, escrow and held removals', async () => {
  people(
    row('E1', 'ann', 'Ann', 'Arrow'),
    row('E2', 'bob', 'Bob', 'Baker', 'Sales', 'left'),
    row('E3', 'cem', 'Cem', 'Later'),
    row('E5', 'eli', 'Eli', 'Fisher'), // back again: the account stays
    row('E7', 'gus', 'Gus', 'Hunter'), // has a user name now
    row('E8', 'hal', 'Hal', 'Ives', 'Contractors'),
    row('E9', 'ivy', 'Ivy', 'Jones'),
  );
  const rules: JobInput = {
    ...csvJob(job, { url: target.url }),
    objects: [{ ...peopleRules, removals: { outOfScope: 'disable', inactive: 'disable', deleted: 'delete' } }],
    thresholds: { removals: { count: 2, percent: 50, atLeast: 3 } },
  };
  await installation.apply(rules, { links: 'keep' }); // the same system under another address
  await installation.run(job, { timeoutMs: 120_000 });
  const [held] = await installation.list(job, RemovalsHeld);
  await installation.reject(job, held!.cycleId);
  await installation.find(job, RemovalsRejected);

  const account = (name: string, familyName: string, active = true) => {
    const givenName = name[0]!.toUpperCase() + name.slice(1);
    return { userName: `${name}@example.org`, givenName, familyName, email: `${name}@example.org`, active };
  };
  expect(accountsIn(target.users())).toEqual([
    account('ann', 'Arrow'),
    account('bob', 'Baker', false),
    account('cem', 'Later'),
    account('dee', 'Dyer'),
    account('eli', 'Fisher'),
    account('fay', 'Glover'),
    account('gus', 'Hunter'),
    account('ivy', 'Jones'),
  ]);
  // Who had an account has that one, and everybody else one: nothing was made or written twice.
  expect(Object.fromEntries(target.users().map(({ id, userName }) => [String(userName).split('@')[0], id]))).toMatchObject({
    ann: 'u-1',
    eli: 'u-2',
    dee: 'u-3',
    bob: 'u-4',
    cem: 'u-5',
    fay: 'u-6',
  });
  const writes = target.journal.filter(({ method }) => method !== 'GET').map(({ method }) => method);
  expect(writes.sort()).toEqual(['PATCH', 'POST', 'POST']);

  const events = await installation.eventsAtRest(job);
  expect(events.filter(({ sequence }) => sequence <= recorded)).toHaveLength(recorded);
  expect(checkLog(events)).toEqual([]);
  expect(openEscrows(events)).toEqual([]);
  expect((await installation.list(job, EscrowCleared)).map(({ objectKey }) => objectKey)).toEqual(['user:E7']);
  expect((await installation.list(job, RemovalWithdrawn)).map(({ objectKey }) => objectKey)).toEqual(['user:E5']);
  expect((await installation.list(job, CycleClosed)).at(-1)).toMatchObject({ result: 'succeeded' });
  expect((await installation.list(job, ObjectExported)).length).toBeGreaterThan(8);

  const rows = await ReadModelRows.open(database.url);
  try {
    await eventually(async () => (await rows.position()) >= events.at(-1)!.sequence, { timeoutMs: 60_000 });
  } finally {
    await rows.close();
  }
  expect(installation.troubles()).toEqual([]);
}, 300_000);
