import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CycleClosed, CycleOpened, ObjectExported, RuleEvaluated, SourceObjectImported, is } from '@provident/contracts';
import { eventually } from '@provident/testing';

import {
  Installation,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  people,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
let target: PlainTarget;
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((each) => each.close()));
});

/** Waits until that many stay the same for a second. */
async function settled(count: () => number | Promise<number>): Promise<number> {
  for (let before = -1; ; ) {
    const now = await count();
    if (now === before) return now;
    before = now;
    await sleep(1_000);
  }
}

async function firstCycle(job: string, size: number): Promise<void> {
  target = await startPlainTarget({ latencyMs: 10, unique: false });
  targets.push(target);
  writeCsv(join(installation.folder, `${job}.csv`), people(size));
  await installation.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { patch: 'never', concurrency: 8 }) });
  await eventually(() => target.users().length > 20);
}

async function expectComplete(job: string, size: number): Promise<void> {
  await installation.cycleClosed(job);
  expect(accountsIn(target.users())).toEqual(expectedAccounts(people(size)));
  const events = await installation.events(job);
  expect(checkLog(events)).toEqual([]);
  expect(events.filter((event) => is(event, CycleOpened))).toHaveLength(1);
  expect(installation.troubles()).toEqual([]);
}

test('a stopped job writes nothing more, survives its services, and goes on where it was: nothing lost, nobody twice', async () => {
  const size = 500;
  await firstCycle('stopped', size);
  await installation.stopJob('stopped');
  const written = await settled(() => target.users().length);
  expect(written).toBeLessThan(size * 0.9);
  const told = await eventually(async () => {
    const exports = await installation.list('stopped', ObjectExported);
    return exports.length === written ? exports.length : null;
  });
  expect(await installation.list('stopped', CycleClosed)).toEqual([]);
  await expect(installation.open('stopped')).rejects.toThrow('start it first');

  for (const service of ['exporter', 'importer'] as const) installation.process(service).kill('SIGKILL');
  await sleep(1_000);
  expect([target.users().length, told]).toEqual([written, written]);

  await installation.startJob('stopped');
  await expectComplete('stopped', size);
}, 120_000);

test('a paused job finishes what was imported, reads no further, and goes on there', async () => {
  const size = 2_700;
  await firstCycle('paused', size);
  await installation.pause('paused');
  const imported = await settled(async () => (await installation.list('paused', SourceObjectImported)).length);
  expect(imported).toBeLessThan(size);
  await eventually(
    async () => {
      const decisions = (await installation.list('paused', RuleEvaluated)).filter(({ action }) => action === 'create').length;
      return decisions > 0 && (await installation.list('paused', ObjectExported)).length === decisions;
    },
    { timeoutMs: 60_000 },
  );
  expect(await installation.list('paused', CycleClosed)).toEqual([]);
  await installation.startJob('paused');
  await installation.cycleClosed('paused', 1, 90_000);
  await expectComplete('paused', size);
}, 240_000);
