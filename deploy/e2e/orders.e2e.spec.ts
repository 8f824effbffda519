import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { JobConfigured, JobRestarted, JobStateChanged, is } from '@provident/contracts';
import { eventually } from '@provident/testing';

import { Installation, type PlainTarget, csvJob, people, scimTarget, startPlainTarget, writeCsv } from './harness/index.js';

let installation: Installation;
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start({ replicas: 2 });
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((each) => each.close()));
});

async function applied(job: string, size: number): Promise<PlainTarget> {
  const target = await startPlainTarget({ latencyMs: 10, unique: false });
  targets.push(target);
  writeCsv(join(installation.folder, `${job}.csv`), people(size));
  await installation.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { patch: 'never', concurrency: 8 }) });
  return target;
}

const changes = async (job: string) =>
  (await installation.events(job))
    .filter((event) => is(event, JobStateChanged) || is(event, JobRestarted))
    .map((event) => (is(event, JobStateChanged) ? event.data.state : 'restarted'));

test('of two who pause and restart a job at once, one wins, and the other is told the state', async () => {
  await applied('contested', 5);
  await installation.cycleClosed('contested');
  let contested = 0;
  for (let round = 0; round < 10; round++) {
    const before = (await changes('contested')).length;
    const answers = await Promise.allSettled([installation.pause('contested'), installation.restart('contested', 'escrows')]);
    const refusals = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => String(reason));
    const said = (await changes('contested')).slice(before);
    if (refusals.length > 0) {
      contested += 1;
      expect(refusals).toEqual([expect.stringMatching(/was (paused|restarted) by e2e at the same moment/)]);
      // Nothing is in the log of the one who lost.
      expect(new Set(said).size).toBe(1);
    }
    await installation.startJob('contested');
  }
  expect(contested).toBeGreaterThan(0);
});

test('of two who start and delete a job at once, one wins, and after the end nothing is carried out', async () => {
  await applied('ended-at-once', 5);
  await installation.cycleClosed('ended-at-once');
  await installation.pause('ended-at-once');
  const answers = await Promise.allSettled([installation.startJob('ended-at-once'), installation.deleteJob('ended-at-once')]);
  const [started, deleted] = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : 'done'));
  const said = (await changes('ended-at-once')).slice(1);
  // The start may have been carried out before the other one came: then nothing contradicts it.
  if (started === 'done' && deleted === 'done') expect(said).toEqual(['active', 'removed']);
  else if (deleted === 'done') expect([started, said]).toEqual([expect.stringContaining('was deleted'), ['removed']]);
  else expect([started, deleted, said]).toEqual(['done', expect.stringContaining('was started by e2e at the same moment'), ['active']]);
});

test('of two who configure a job at once, one wins, and nobody writes over what they have not seen', async () => {
  const target = await startPlainTarget({ unique: false });
  targets.push(target);
  const named = (job: string, name: string) => ({ ...csvJob(job, { url: target.url }), name });
  const configured = async (job: string) => (await installation.events(job)).filter((event) => is(event, JobConfigured));
  let contested = 0;
  for (let round = 0; round < 6; round++) {
    // Every other round it is a new job that both make.
    const job = round % 2 === 0 ? 'configured' : `made-${round}`;
    const before = (await configured(job)).length;
    const answers = await Promise.allSettled(['one', 'two'].map((each) => installation.apply(named(job, `${each} of ${round}`))));
    const refusals = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => String(reason));
    const said = (await configured(job)).slice(before).map(({ data }) => data.definition.name);
    contested += refusals.length;
    // The second may have come after all was done: then both are in the log, in this order.
    expect(said).toHaveLength(2 - refusals.length);
    for (const refusal of refusals) expect(refusal).toContain('was configured by e2e at the same moment');
  }
  expect(contested).toBeGreaterThan(0);
  const revision = (await configured('configured')).length;
  await expect(installation.apply(named('configured', 'late'), { revision: revision - 1 })).rejects.toThrow(
    `is at revision ${revision}, by e2e, and this was made from revision ${revision - 1}`,
  );
  await expect(installation.apply(named('configured', 'new'), { revision: 0 })).rejects.toThrow('this was made for a new job');
  await installation.apply(named('configured', 'in time'), { revision });
  expect((await configured('configured')).at(-1)!.data.definition.name).toBe('in time');
});

test('a deleted job writes nothing more, keeps its accounts and its history, and gives its id to no other', async () => {
  const size = 500;
  const target = await applied('ended', size);
  await eventually(() => target.users().length > 20);
  await installation.deleteJob('ended');
  let written = -1;
  for (; written !== target.users().length; await sleep(1_000)) written = target.users().length;
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(size * 0.9);
  expect(await changes('ended')).toEqual(['removed']);
  await expect(installation.startJob('ended')).rejects.toThrow('was deleted');
  await expect(installation.open('ended')).rejects.toThrow('was deleted');
  await expect(applied('ended', size)).rejects.toThrow('give the new job another one');
  expect(target.users().length).toBe(written);
  expect(installation.troubles()).toEqual([]);
});
