import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';
import { ObjectExported, type Tally } from '@provident/contracts';
import { eventually } from '@provident/testing';

import {
  type Account,
  Installation,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  openEscrows,
  people,
  person,
  pipeline,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

const job = 'staff';
const first = people(600);
const second = first.slice(0, 560).map((each, index) => (index % 5 === 0 ? { ...each, givenName: 'Changed' } : each));
const third = [...second, ...Array.from({ length: 400 }, (_, index) => person(5_000 + index))];

const open: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of open.reverse()) await close();
});

async function start(replicas: number) {
  const target = await startPlainTarget({ latencyMs: 6, unique: false });
  open.push(() => target.close());
  const installation = await Installation.start({ replicas });
  open.push(() => installation.stop());
  return { target, installation };
}

interface Run {
  readonly tallies: Tally[];
  readonly accounts: Account[];
}

async function provision({ target, installation }: Awaited<ReturnType<typeof start>>): Promise<Run> {
  const file = join(installation.folder, `${job}.csv`);
  writeCsv(file, first);
  await installation.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { patch: 'never' }), lanes: 8 });
  const tallies = [(await installation.cycleClosed(job)).tally];
  writeCsv(file, second);
  tallies.push((await installation.run(job)).tally);
  return { tallies, accounts: accountsIn(target.users()) };
}

test('two of every service do the same as one, and one goes on alone when the other dies', async () => {
  const alone = await start(1);
  const byOne = await provision(alone);
  await alone.installation.stop();
  open.pop();

  const pair = await start(2);
  const { target, installation } = pair;
  const byTwo = await provision(pair);
  expect(byTwo).toEqual(byOne);
  expect(byTwo.accounts).toEqual(expectedAccounts(first, second));

  writeCsv(join(installation.folder, `${job}.csv`), third);
  const cycleId = await installation.open(job);
  const exported = async () => (await installation.list(job, ObjectExported)).filter((each) => each.cycleId === cycleId).length;
  await eventually(async () => (await exported()) >= 20, { timeoutMs: 20_000 });
  for (const service of pipeline) expect(installation.process(service, 2).kill('SIGKILL', { forGood: true })).toBe(true);
  const { result, tally } = await installation.cycleClosed(job, 3);
  expect({ result, tally }).toMatchObject({ result: 'succeeded', tally: { imported: 400, skipped: 40, escrowed: 0, held: 0 } });
  // What the dead one had created without being able to say so is found again, and unchanged.
  expect(tally.created + tally.unchanged).toBe(360);
  expect(accountsIn(target.users())).toEqual(expectedAccounts(first, second, third));

  const events = await installation.eventsAtRest(job);
  expect(checkLog(events)).toEqual([]);
  expect(openEscrows(events)).toEqual([]);
  expect(installation.troubles()).toEqual([]);
}, 120_000);
