import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceNodeFlags } from '@provident/embedded';
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
  pipeline,
  scimTarget,
  seededRandom,
  startPlainTarget,
  writeCsv,
} from '../e2e/harness/index.js';
import { MortalServer } from './mortal-server.js';

const minutes = Number(process.env['FAULTS_MINUTES'] ?? 0.2);
const size = 300;
const services: ServiceName[] = [...pipeline, 'audit-projector'];
/** What a service may have resident, whatever it does (MiB). */
const mostMemory = 256;
/** From so long a run on, memory at its end is compared with memory in its second quarter: before that, Node is still settling. */
const telling = 10;
const pauseMs = 2_000;
const standstillMs = 6_500;
const random = seededRandom();

let nats: MortalServer;
let postgres: MortalServer;
let target: PlainTarget;
let installation: Installation;
beforeAll(async () => {
  [nats, postgres] = await Promise.all([MortalServer.nats(), MortalServer.postgres()]);
  const busy = { status: 503, detail: 'The server is busy.' };
  target = await startPlainTarget({
    latencyMs: 4,
    unique: true,
    refuse: ({ method }) => (method !== 'GET' && random.between(1, 50) === 1 ? busy : null),
  });
  installation = await Installation.start({
    services,
    servers: { natsUrl: nats.url, databaseUrl: postgres.url },
    envOf: (service) => ({ NODE_OPTIONS: serviceNodeFlags(service).join(' ') }),
  });
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await target?.close();
  await Promise.all([nats?.stop(), postgres?.stop()]);
}, 60_000);

/** What befalls an installation now and then that goes on afterwards in the same processes. */
const blows: readonly (() => Promise<unknown>)[] = [
  () => nats.dieAndReturn(),
  () => postgres.dieAndReturn(),
  () => installation.process(random.pick(services)).pause(standstillMs),
];

/** Another day at the source: as many come as leave, some change. */
function nextDay(before: readonly Person[], day: number): Person[] {
  const stayed = before.filter((_, index) => (index + day) % 31 !== 0);
  const changed = stayed.map((each, index): Person => ((index + day) % 6 === 0 ? { ...each, givenName: `Given on day ${day}` } : each));
  return [...changed, ...people(before.length - stayed.length, day * 100_000)];
}

/** Resident memory of each service now, in MiB. */
const memoryNow = (): Record<string, number> =>
  Object.fromEntries(
    installation.processes.map(({ service, pid }) => {
      const resident = /VmRSS:\s+(\d+)/.exec(pid === null ? '' : readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return [service, Number(resident) / 1024];
    }),
  );

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

test(
  `${minutes} minutes of cycles, with a target that refuses and servers that die: every account is right, the log complete, and no service grows`,
  async () => {
    const days = [people(size)];
    const file = join(installation.folder, 'long.csv');
    const memory: Record<string, number>[] = [];
    const until = Date.now() + minutes * 60_000;
    const blowEveryMs = Math.min(60_000, (minutes * 60_000) / blows.length / 2);
    let blowAt = Date.now() + blowEveryMs;
    let struck = 0;
    writeCsv(file, days[0]!);
    const thresholds = { removals: { count: 100_000, percent: 100 }, failures: { percent: 100 } };
    const retry = { after: ['5s', '10s'], thenEvery: '10s', giveUpAfter: '1d' };
    await installation.apply({
      ...csvJob('long', { url: target.url, thresholds, retry }),
      target: scimTarget(target.url, { patch: 'never', concurrency: 8 }),
    });
    await installation.cycleClosed('long', 1, 120_000);
    while (Date.now() < until || struck < blows.length) {
      days.push(nextDay(days.at(-1)!, days.length));
      writeCsv(file, days.at(-1)!);
      const blow = Date.now() >= blowAt ? blows[struck % blows.length]!() : null;
      if (blow) {
        struck++;
        blowAt = Date.now() + blowEveryMs;
      }
      await Promise.all([blow, installation.run('long', { timeoutMs: 120_000 })]);
      memory.push(memoryNow());
      await sleep(pauseMs);
    }

    await eventuallyHolds(async () => expect(openEscrows(await installation.events('long'))).toEqual([]), {
      timeoutMs: 120_000,
      intervalMs: 1_000,
    });
    const events = await installation.events('long');
    expect(accountsIn(target.users())).toEqual(expectedAccounts(...days));
    expect(checkLog(events)).toEqual([]);
    const quarter = Math.max(1, memory.length >> 2);
    const grown = services.map((service) => {
      const of = memory.map((each) => each[service]!);
      return { service, most: Math.max(...of), second: mean(of.slice(quarter, 2 * quarter)), last: mean(of.slice(-quarter)) };
    });
    process.stdout.write(
      `${minutes} minutes: ${days.length} cycles, ${events.length} events, ${struck} blows; MiB in the second quarter, in the last, at most:\n` +
        `${grown.map(({ service, second, last, most }) => `  ${service.padEnd(16)} ${[second, last, most].map((each) => each.toFixed(0).padStart(4)).join(' ')}`).join('\n')}\n`,
    );
    for (const { service, most, second, last } of grown) {
      expect({ service, isSmall: most <= mostMemory }).toEqual({ service, isSmall: true });
      if (minutes >= telling) expect({ service, isFlat: last <= second * 1.1 + 8 }).toEqual({ service, isFlat: true });
    }
  },
  minutes * 60_000 + 600_000,
);
