import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type Person,
  type PlainTarget,
  type ServiceName,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  openEscrows,
  people,
  person,
  pipeline,
  scimTarget,
  seededRandom,
  startPlainTarget,
  writeCsv,
} from '../e2e/harness/index.js';
import { MortalServer } from './mortal-server.js';
import { ReadModelRows } from './read-model-rows.js';

const kills = Number(process.env['FAULTS_KILLS'] ?? 8);
const size = Number(process.env['FAULTS_USERS'] ?? 80);
const random = seededRandom();
const services: ServiceName[] = [...pipeline, 'audit-projector'];
/** Longer than a lease. */
const standstillMs = 6_500;
const timeoutMs = 150_000 + kills * 10_000;

let nats: MortalServer;
let postgres: MortalServer;
let installation: Installation;
/** The same people in a target that refuses a name twice, and in one that takes whatever it is given. */
let targets: Record<'strict' | 'lax', PlainTarget>;
beforeAll(async () => {
  [nats, postgres] = await Promise.all([MortalServer.nats(), MortalServer.postgres()]);
  targets = {
    strict: await startPlainTarget({ latencyMs: 8, unique: true }),
    lax: await startPlainTarget({ latencyMs: 8, unique: false }),
  };
  installation = await Installation.start({ services, servers: { natsUrl: nats.url, databaseUrl: postgres.url } });
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await Promise.all(Object.values(targets ?? {}).map((target) => target.close()));
  await Promise.all([nats?.stop(), postgres?.stop()]);
}, 60_000);

type Blow = { readonly name: string; readonly strike: () => Promise<unknown> };

/** What befalls the installation: mostly a process dies; now and then one stands still, or a server dies. */
function nextBlow(): Blow {
  const service = random.pick([...services, 'exporter', 'exporter', 'importer'] as const);
  const process = installation.process(service);
  switch (random.between(0, 9)) {
    case 0:
      return { name: 'NATS', strike: () => nats.dieAndReturn() };
    case 1:
      return { name: 'Postgres', strike: () => postgres.dieAndReturn() };
    case 2:
      return { name: `${service} stands still`, strike: () => process.pause(standstillMs) };
    default:
      return { name: service, strike: async () => process.kill('SIGKILL') };
  }
}

/** Another day at the source: some changed, some left, some came. */
function nextDay(before: readonly Person[], day: number): Person[] {
  const stayed = before.filter((_, index) => (index + day) % 31 !== 0);
  const changed = stayed.map((each, index): Person => {
    if ((index + day) % 5 === 0) return { ...each, givenName: `Given on day ${day}` };
    return (index + day) % 17 === 0 ? { ...each, status: each.status === 'active' ? 'inactive' : 'active' } : each;
  });
  return [...changed, ...people(Math.ceil(size / 20), day * 100_000).map((each) => person(Number(each.employeeId.slice(1))))];
}

test(
  `${kills} blows to services, NATS and Postgres change nothing: every account is right and made once, the log complete, the read models equal to a rebuild`,
  async () => {
    const jobs = Object.keys(targets) as (keyof typeof targets)[];
    const days = [people(size)];
    const struck: string[] = [];
    let isOver = false;
    const striking = (async () => {
      while (struck.length < kills && !isOver) {
        await sleep(random.between(100, 1_500));
        const { name, strike } = nextBlow();
        struck.push(name);
        await strike();
      }
    })();
    try {
      for (const job of jobs) {
        writeCsv(join(installation.folder, `${job}.csv`), days[0]!);
        const target = scimTarget(targets[job].url, { patch: 'never', concurrency: 8 });
        const calm = { removals: { count: 100_000, percent: 100 }, failures: { percent: 100 } };
        const retry = { after: ['5s', '10s'], thenEvery: '10s', giveUpAfter: '1d' };
        await installation.apply({ ...csvJob(job, { url: targets[job].url, thresholds: calm, retry }), target });
      }
      await Promise.all(jobs.map((job) => installation.cycleClosed(job, 1, timeoutMs)));
      for (let day = 1; struck.length < kills || day < 3; day++) {
        days.push(nextDay(days.at(-1)!, day));
        for (const job of jobs) writeCsv(join(installation.folder, `${job}.csv`), days.at(-1)!);
        await Promise.all(jobs.map((job) => installation.run(job, { timeoutMs })));
      }
      await striking;

      for (const job of jobs) {
        await eventuallyHolds(async () => expect(openEscrows(await installation.events(job))).toEqual([]), {
          timeoutMs: 60_000,
          intervalMs: 500,
        });
        expect(accountsIn(targets[job].users())).toEqual(expectedAccounts(...days));
        expect(checkLog(await installation.events(job))).toEqual([]);
      }
      await expectRebuildTheSame();
    } catch (error) {
      process.stderr.write(
        `E2E_SEED=${random.seed}; struck so far: ${struck.join(', ')}\n${installation.troubles().slice(-20).join('\n')}\n`,
      );
      throw error;
    } finally {
      isOver = true;
      await striking.catch(() => undefined); // told by the test itself
    }
  },
  timeoutMs * 2,
);

/** What the projector made of the log through all that is what it makes of it in one go. */
async function expectRebuildTheSame(): Promise<void> {
  const projector = installation.process('audit-projector');
  const rows = await ReadModelRows.open(postgres.url);
  try {
    const logs = await Promise.all(Object.keys(targets).map((job) => installation.events(job)));
    const head = logs.flat().reduce((highest, { sequence }) => Math.max(highest, sequence), 0);
    await eventuallyHolds(async () => expect(await rows.position()).toBeGreaterThanOrEqual(head), { timeoutMs: 60_000, intervalMs: 200 });
    projector.kill('SIGKILL', { forGood: true });
    const before = await rows.digest();
    await rows.reset();
    await installation.restartService('audit-projector');
    await eventuallyHolds(async () => expect(await rows.position()).toBeGreaterThanOrEqual(head), { timeoutMs: 120_000, intervalMs: 200 });
    expect(await rows.digest()).toEqual(before);
  } finally {
    await rows.close();
  }
}
