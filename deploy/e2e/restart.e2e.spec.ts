import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CycleOpened, EscrowExpired, EscrowRecorded, ImportFailed, ObjectExported, TargetObjectImported } from '@provident/contracts';
import { eventually, eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  earlyTests,
  expectedAccounts,
  people,
  person,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const early = earlyTests();
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start();
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

/** It takes the same user twice, unless told otherwise: what is created twice is seen. */
async function startTarget(latencyMs = 0, unique = false): Promise<PlainTarget> {
  const target = await startPlainTarget({ latencyMs, unique });
  targets.push(target);
  return target;
}
const jobTo = (job: string, { url }: PlainTarget) => ({
  ...csvJob(job, { url }),
  target: scimTarget(url, { patch: 'never', concurrency: 8 }),
});
const source = (job: string, everybody = people(30)): void => writeCsv(join(installation.folder, `${job}.csv`), everybody);
const ways = async (job: string, cycleId: string) =>
  (await installation.list(job, TargetObjectImported)).filter((each) => each.cycleId === cycleId).map(({ by }) => by);

test('a restart reads everything and keeps the links; with the links, everybody is matched anew, and nobody is made twice', async () => {
  const job = 'anew';
  const target = await startTarget();
  source(job);
  await installation.apply(jobTo(job, target));
  await installation.cycleClosed(job);

  await installation.restart(job);
  expect(await installation.cycleClosed(job, 2)).toMatchObject({
    kind: 'initial',
    result: 'succeeded',
    tally: { imported: 30, unchanged: 27 },
  });
  await installation.restart(job, 'links');
  const third = await installation.cycleClosed(job, 3);
  expect(third).toMatchObject({ kind: 'initial', tally: { imported: 30, created: 0, unchanged: 27 } });
  expect(new Set(await ways(job, third.cycleId))).toEqual(new Set(['matching']));
  expect(accountsIn(target.users())).toEqual(expectedAccounts(people(30)));
  expect(await installation.run(job)).toMatchObject({ kind: 'incremental', tally: { imported: 0 } });
  expect(checkLog(await installation.events(job))).toEqual([]);
}, 60_000);

test('a restart ends the reading of the open cycle, which closes with all that it imported, and the next begins', async () => {
  const job = 'midway';
  const target = await startTarget(10);
  const everybody = people(2_700);
  source(job, everybody);
  await installation.apply(jobTo(job, target));
  await eventually(() => target.users().length > 20);
  await installation.restart(job);
  expect(await installation.cycleClosed(job, 1, 90_000)).toMatchObject({ result: 'failed', failure: { code: 'restarted' } });
  const second = await installation.cycleClosed(job, 2, 90_000);
  expect(second).toMatchObject({ kind: 'initial', result: 'succeeded', tally: { imported: 2_700, escrowed: 0 } });
  expect((await installation.list(job, ImportFailed)).length).toBe(1);
  expect(accountsIn(target.users())).toEqual(expectedAccounts(everybody));
  expect(checkLog(await installation.events(job))).toEqual([]);
}, 240_000);

test('a restart of the escrows ends the retries; who failed comes back with the cycle', async () => {
  const job = 'given-up';
  const target = await startTarget(0, true);
  source(job, [...people(3), person(5), person(6, { userName: person(5).userName })]);
  await installation.apply(jobTo(job, target));
  await installation.cycleClosed(job);
  const [kept] = await eventually(async () => {
    const recorded = await installation.list(job, EscrowRecorded);
    return recorded.length > 0 ? recorded : null;
  });
  await installation.restart(job, 'escrows');
  const expired = await installation.find(job, EscrowExpired);
  expect(expired.data).toMatchObject({ objectKey: kept!.objectKey, because: 'restart' });
}, 60_000);

test('turning to another target is refused without a word about the links, and leaves the old accounts alone', async () => {
  const job = 'moves';
  const [before, after] = [await startTarget(), await startTarget()];
  source(job);
  await installation.apply(jobTo(job, before));
  await installation.cycleClosed(job);
  await expect(installation.apply(jobTo(job, after))).rejects.toThrow('--forget-links');
  expect(await installation.list(job, CycleOpened)).toHaveLength(1);

  await installation.apply(jobTo(job, after), { links: 'forget' });
  expect(await installation.cycleClosed(job, 2)).toMatchObject({ tally: { created: 27 } });
  for (const target of [before, after]) expect(accountsIn(target.users())).toEqual(expectedAccounts(people(30)));
  source(
    job,
    people(30).map((each, index) => (index === 3 ? { ...each, givenName: 'New' } : each)),
  );
  expect(await installation.run(job)).toMatchObject({ tally: { updated: 1, created: 0 } });
  await eventuallyHolds(async () => expect(await installation.list(job, ObjectExported)).toHaveLength(55));
  expect(accountsIn(before.users())).toEqual(expectedAccounts(people(30)));
  expect(installation.troubles()).toEqual([]);
}, 60_000);
