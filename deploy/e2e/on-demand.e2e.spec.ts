import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ImportCompleted, JobQuarantined, ObjectExported, RemovalsReleased, is } from '@provident/contracts';
import { eventually, eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type JobInput,
  type Person,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  earlyTests,
  expectedAccounts,
  openEscrows,
  people,
  person,
  scimTarget,
  seededRandom,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const early = earlyTests();
const targets: PlainTarget[] = [];
const random = seededRandom();
beforeAll(async () => {
  installation = await Installation.start();
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

const source = (job: string, everybody: readonly Person[]): void => writeCsv(join(installation.folder, `${job}.csv`), everybody);

/** A job to a target that takes the same user twice: what is created twice is seen. */
async function begin(job: string, everybody: readonly Person[], latencyMs: number, more: Partial<JobInput> = {}): Promise<PlainTarget> {
  const target = await startPlainTarget({ latencyMs, unique: false });
  targets.push(target);
  source(job, everybody);
  await installation.apply({
    ...csvJob(job, { url: target.url, ...more }),
    target: scimTarget(target.url, { patch: 'never', concurrency: 4 }),
  });
  return target;
}

async function expectSound(job: string, target: PlainTarget, ...versions: (readonly Person[])[]): Promise<void> {
  await eventuallyHolds(async () => {
    expect(accountsIn(target.users())).toEqual(expectedAccounts(...versions));
    const events = await installation.eventsAtRest(job);
    expect(checkLog(events)).toEqual([]);
    expect(openEscrows(events)).toEqual([]);
  });
}

test('people are provisioned on demand again and again while cycles import the same ones: nobody twice, nobody with older values', async () => {
  const job = 'race';
  const day1 = people(500);
  const target = await begin(job, day1, 10);
  await eventually(() => target.users().length > 5);
  /** Asks for people at random until the cycle is over; those in scope have accounts afterwards, whoever made them. */
  const askUntil = async (ended: () => boolean): Promise<number> => {
    let asked = 0;
    for (; !ended(); asked += 5) {
      const ids = Array.from({ length: 5 }, () => `E${random.between(0, 499)}`);
      for (const {
        status,
        source: { id },
        steps,
      } of (await installation.provision(job, ids)).results) {
        expect({ id, status, steps }).toMatchObject({
          id,
          status: Number(id.slice(1)) % 10 === 9 ? 'skipped' : expect.stringMatching(/success|skipped/),
        });
      }
    }
    return asked;
  };
  const during = async (work: Promise<unknown>): Promise<number> => {
    let isOver = false;
    const [asked] = await Promise.all([askUntil(() => isOver), work.finally(() => (isOver = true))]);
    return asked;
  };
  expect(await during(installation.cycleClosed(job))).toBeGreaterThan(5);
  await expectSound(job, target, day1);

  const day2 = day1.map((each, index) => (index % 3 === 0 ? { ...each, givenName: `New ${index}` } : each));
  source(job, day2);
  expect(await during(installation.run(job))).toBeGreaterThan(5);
  await expectSound(job, target, day1, day2);
  expect(installation.troubles()).toEqual([]);
}, 180_000);

describe('one person', () => {
  const job = 'single';
  let target: PlainTarget;
  beforeAll(async () => {
    target = await begin(job, people(12), 0);
    await installation.cycleClosed(job);
    await installation.pause(job);
  });

  test('who is new has an account at once, in a paused job, with every step and value told; no cycle counts it', async () => {
    source(job, [...people(12), person(20)]);
    const { results, requestId, by } = await installation.provision(job, ['E20']);
    expect({ results, by }).toMatchObject({
      by: { name: 'e2e' },
      results: [
        {
          status: 'success',
          action: 'create',
          modified: expect.arrayContaining([{ attribute: 'userName', old: null, new: 'user20@example.org' }]),
          steps: [
            { type: 'import', status: 'success', details: { attributes: { userName: 'user20@example.org', department: 'Finance' } } },
            {
              type: 'scoping',
              status: 'success',
              details: { scope: { clauses: [{ filter: 'staff', holds: true, actual: 'Finance' }] }, active: { holds: true } },
            },
            {
              type: 'matching',
              status: 'success',
              details: { by: 'none', tried: [{ attribute: 'userName', value: 'user20@example.org', found: 0 }] },
            },
            { type: 'export', status: 'success', details: { action: 'create' } },
          ],
        },
      ],
    });
    expect(accountsIn(target.users())).toEqual(expectedAccounts([...people(12), person(20)]));
    const events = await installation.events(job);
    expect(
      events.filter((event) => (event.data as { cycleId?: string }).cycleId === requestId).every(({ lane }) => lane.startsWith('d')),
    ).toBe(true);
    expect(events.filter((event) => is(event, ImportCompleted))).toHaveLength(1);
  });

  test('who is as they should be, out of scope, or not there, is told so', async () => {
    const { results } = await installation.provision(job, ['E1', 'E9', 'nobody']);
    expect(results).toMatchObject([
      { status: 'skipped', action: 'none', steps: [{}, {}, { details: { by: 'link' } }, { type: 'export', status: 'skipped' }] },
      {
        status: 'skipped',
        reason: { text: expect.stringContaining('staff') },
        steps: [{}, { status: 'skipped', details: { scope: { inScope: false } } }, {}],
      },
      { status: 'not-found', changeId: null, steps: [] },
    ]);
  });

  test('may be named by the account, and is written with the newest values', async () => {
    const married = people(12).map((each, index) => (index === 3 ? { ...each, familyName: 'Married' } : each));
    source(job, [...married, person(20)]);
    const { id } = target.users().find(({ userName }) => userName === person(3).userName)!;
    const [result] = (await installation.provision(job, [id])).results;
    expect(result).toMatchObject({
      status: 'success',
      action: 'update',
      modified: [{ attribute: 'name.familyName', old: 'Family 3', new: 'Married' }],
    });
  });

  test('who left keeps the account until the next cycle counts it, or until somebody confirms', async () => {
    const left = (each: Person): Person => (each.employeeId === 'E1' || each.employeeId === 'E2' ? { ...each, status: 'inactive' } : each);
    const everybody = [
      ...people(12)
        .map((each, index) => (index === 3 ? { ...each, familyName: 'Married' } : each))
        .map(left),
      person(20),
    ];
    source(job, everybody);
    const [held] = (await installation.provision(job, ['E1'])).results;
    expect(held).toMatchObject({ status: 'held', action: 'disable', steps: [{}, {}, {}, { name: 'Removal guard', status: 'warning' }] });
    const [done] = (await installation.provision(job, ['E2'], true)).results;
    expect(done).toMatchObject({ status: 'success', action: 'disable' });
    const active = () => Object.fromEntries(accountsIn(target.users()).map(({ userName, active: isActive }) => [userName, isActive]));
    expect(active()).toMatchObject({ [person(1).userName]: true, [person(2).userName]: false });
    expect(await installation.run(job)).toMatchObject({ tally: { disabled: 1 } });
    expect(active()).toMatchObject({ [person(1).userName]: false });
    expect(await installation.list(job, RemovalsReleased)).toHaveLength(1);
    expect(checkLog(await installation.events(job))).toEqual([]);
  });

  test('of a stopped job is not provisioned', async () => {
    await installation.stopJob(job);
    await expect(installation.provision(job, ['E1'])).rejects.toThrow('start it first');
  });
});

test('in quarantine people are provisioned, and what fails is told and tried again like any other', async () => {
  const job = 'ill';
  const target = await startPlainTarget({ unique: false });
  targets.push(target);
  source(job, people(3));
  const definition = csvJob(job, { url: target.url, schedule: { every: '1h' } });
  await installation.apply({ ...definition, target: scimTarget(`${target.url}/nowhere`) });
  await installation.find(job, JobQuarantined);
  const [broken] = (await installation.provision(job, ['E1'])).results;
  expect(broken).toMatchObject({ status: 'failure', reason: { text: expect.any(String) } });
  await installation.apply({ ...definition, schedule: { every: '2h' } });
  const repaired = await eventually(async () => {
    const [result] = (await installation.provision(job, ['E1'])).results;
    return result!.status === 'success' || result!.status === 'skipped' ? result : null;
  });
  expect(repaired).toMatchObject({ target: { id: expect.any(String) } });
  expect((await installation.list(job, ObjectExported)).filter(({ objectKey }) => objectKey === 'user:E1')).toHaveLength(1);
});
