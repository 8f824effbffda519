import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { type DataOf, RuleEvaluated, type SimulatedRow, SourceObjectImported } from '@provident/contracts';

import { Installation, type JobInput, type Person, csvJob, earlyTests, people, peopleRules, person, writeCsv } from './harness/index.js';

let installation: Installation;
const early = earlyTests();
const targets: QuirkScimServer[] = [];
beforeAll(async () => {
  installation = await Installation.start();
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

async function startTarget(): Promise<QuirkScimServer> {
  const target = await startQuirkScimServer();
  targets.push(target);
  return target;
}

const source = (job: string, everybody: readonly Person[]): void => writeCsv(join(installation.folder, `${job}.csv`), everybody);
const writesTo = (target: QuirkScimServer): string[] => target.journal.map(({ method }) => method).filter((method) => method !== 'GET');

interface Fate {
  readonly action: string;
  readonly changes: unknown;
  readonly targetId: string | null;
  readonly reason: string;
}

const foretold = (rows: readonly SimulatedRow[]): Record<string, Fate> =>
  Object.fromEntries(
    rows.map(({ objectKey, action, changes, targetId, reason }) => [objectKey, { action, changes, targetId, reason: reason.text }]),
  );
const decided = (events: readonly DataOf<typeof RuleEvaluated>[]): Record<string, Fate> =>
  Object.fromEntries(
    events.map(({ objectKey, action, changes, targetId, reason }) => [objectKey, { action, changes, targetId, reason: reason.text }]),
  );

/** By the address at work, which several accounts may have. */
const byMail: JobInput['objects'] = [
  {
    ...peopleRules,
    attributes: peopleRules.attributes.map(({ matching: _, ...each }) => (each.source === 'email' ? { ...each, matching: 1 } : each)),
  },
];

/** Twenty in step, and then everything at once that can happen to people. */
async function mixedCompany(job: string, target: QuirkScimServer): Promise<void> {
  const staff = people(20);
  source(job, staff);
  await installation.apply(csvJob(job, { url: target.url, objects: byMail }));
  await installation.cycleClosed(job);
  for (const [userName, value] of [
    ['one', 'mail100@example.org'],
    ['other', 'mail100@example.org'],
    ['found', 'mail101@example.org'],
  ])
    target.add({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, emails: [{ type: 'work', value }], active: true });
  const changed = staff.flatMap((each, index): Person[] => {
    if (index === 1) return [{ ...each, familyName: 'Married' }];
    if (index === 2) return [{ ...each, status: 'inactive' }];
    if (index === 3) return [];
    if (index === 4) return [{ ...each, department: 'Contractors' }];
    return [each];
  });
  source(job, [...changed, person(100), person(101), person(102), person(109)]);
}

test('a simulation foretells what the cycle then does, to the value, and sends not one write', async () => {
  const target = await startTarget();
  await mixedCompany('mixed', target);
  const before = target.journal.length;
  const { progress, rows } = await installation.simulate('mixed');
  expect(target.journal.slice(before).map(({ method }) => method)).not.toEqual([]);
  expect(target.journal.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);

  const closed = await installation.run('mixed', { fresh: true });
  const events = await installation.list('mixed', RuleEvaluated);
  const real = decided(events.filter(({ cycleId, attempt, round }) => cycleId === closed.cycleId && attempt === 0 && round === 0));
  expect(foretold(rows)).toEqual(real);
  expect(new Set(Object.values(real).map(({ action }) => action))).toEqual(
    new Set(['create', 'update', 'disable', 'delete', 'skip', 'unchanged', 'fail']),
  );
  const { created, updated, disabled, deleted, skipped, unchanged, escrowed } = closed.tally;
  expect(progress).toMatchObject({
    state: 'completed',
    read: closed.tally.read,
    totals: { create: created, update: updated, disable: disabled, delete: deleted, skip: skipped, unchanged, fail: escrowed },
    guard: { decision: 'release', proposed: disabled + deleted },
  });
  expect((await installation.simulate('mixed')).progress.totals).toMatchObject({ create: 0, update: 0, disable: 0, delete: 0 });
});

test('other rules are tried on the same people, and only who would fare differently is told of', async () => {
  const target = await startTarget();
  source('compared', people(12));
  const job: JobInput = csvJob('compared', { url: target.url });
  await installation.apply(job);
  await installation.cycleClosed('compared');
  const before = writesTo(target).length;
  const events = (await installation.events('compared')).length;
  const other: JobInput = {
    ...job,
    objects: [{ ...peopleRules, scope: [{ name: 'few', all: [{ attribute: 'employeeId', operator: 'NOT EQUALS', value: 'E5' }] }] }],
  };
  const { progress, rows } = await installation.simulate('compared', { job: other, compare: true });
  expect(rows.map(({ sourceId, before: now, action }) => [sourceId, now?.action, action]).sort()).toEqual([
    ['E5', 'unchanged', 'disable'],
    ['E9', 'skip', 'create'],
  ]);
  expect(progress).toMatchObject({ differing: 2, before: { unchanged: 11, skip: 1 }, totals: { unchanged: 10, create: 1, disable: 1 } });
  expect(writesTo(target).length).toBe(before);
  // A simulation is no fact of the job.
  expect((await installation.events('compared')).length).toBe(events);
  const elsewhere: JobInput = { ...other, target: { connector: 'scim', config: { url: 'http://127.0.0.1:9/scim', auth: { none: true } } } };
  await expect(installation.simulate('compared', { job: elsewhere, compare: true })).rejects.toThrow('names another target');
  await expect(installation.simulate('compared', { job: { ...other, job: 'another' } })).rejects.toThrow('is about job "another"');
});

test('a job file that was never applied can be simulated, and leaves no job behind', async () => {
  const target = await startTarget();
  source('draft', people(10));
  const { progress, rows } = await installation.simulate(null, { job: csvJob('draft', { url: target.url }) });
  expect(progress).toMatchObject({ state: 'completed', totals: { create: 9, skip: 1 } });
  expect(rows).toHaveLength(10);
  expect(writesTo(target)).toEqual([]);
  await expect(installation.run('draft')).rejects.toThrow('there is no job "draft"');
});

test('while a cycle of the same job runs, both end as if they were alone', async () => {
  const target = await startTarget();
  source('busy', people(60));
  target.fail(new QuirkFault({ do: 'drip', everyMs: 1 }, { method: 'POST', times: 20 }));
  await installation.apply(csvJob('busy', { url: target.url }));
  await installation.find('busy', SourceObjectImported);
  const [{ progress }, closed] = await Promise.all([installation.simulate('busy'), installation.cycleClosed('busy')]);
  expect(closed).toMatchObject({ result: 'succeeded', tally: { created: 54, skipped: 6 } });
  expect(progress).toMatchObject({ state: 'completed', read: 60, totals: { skip: 6, fail: 0, delete: 0, disable: 0 } });
});

test('a source or a target that fails ends the simulation with its reason', async () => {
  const target = await startTarget();
  source('broken', people(3));
  await installation.apply(csvJob('broken', { url: target.url, schedule: { paused: true } }));
  target.fail(new QuirkFault({ do: 'answer', status: 401, body: { detail: 'no' } }, { method: 'GET', url: /Users/ }));
  expect((await installation.simulate('broken')).progress).toMatchObject({ state: 'failed', failure: { side: 'target' } });
  writeCsv(join(installation.folder, 'broken.csv'), 'no,such\ncolumns,here\n');
  target.fail();
  const { progress } = await installation.simulate('broken');
  expect(progress).toMatchObject({ state: 'failed' });
  expect(progress.failure?.message).not.toBe('');
});

test('the services have complained of nothing', () => {
  expect(installation.troubles()).toEqual([]);
});
