import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import {
  CycleClosed,
  CycleOpened,
  ImportFailed,
  JobRecovered,
  ObjectExported,
  RemovalHeld,
  RemovalWithdrawn,
  RemovalsHeld,
  RemovalsReleased,
  RuleEvaluated,
  type DataOf,
} from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type JobInput,
  type Person,
  accountsIn,
  checkLog,
  csvJob,
  csvOf,
  earlyTests,
  expectedAccounts,
  openEscrows,
  people,
  person,
  scimTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const early = earlyTests();
beforeAll(async () => {
  installation = await Installation.start();
  early.begin();
});
const targets: QuirkScimServer[] = [];
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

/** A job of its own for one test, whose first cycle has run. */
class Story {
  private readonly versions: (readonly Person[])[] = [];

  private constructor(
    readonly job: string,
    readonly target: QuirkScimServer,
  ) {}

  static async begin(job: string, everybody: readonly Person[], more: Partial<JobInput> = {}, target = {}): Promise<Story> {
    const story = new Story(job, await startQuirkScimServer());
    targets.push(story.target);
    story.source(everybody);
    const { url } = story.target;
    await installation.apply({ ...csvJob(job, { url, ...more }), target: scimTarget(url, target) });
    await installation.cycleClosed(job);
    story.expectTarget();
    return story;
  }

  get file(): string {
    return join(installation.folder, `${this.job}.csv`);
  }

  /** The source is like this from now on. */
  /** Runs a cycle, and tells of the one that took up one changed person: a job with a short interval may have opened it by itself just before. */
  async runOfOne(): Promise<DataOf<typeof CycleClosed>> {
    await installation.open(this.job);
    return (await installation.find(this.job, CycleClosed, ({ data }) => data.tally.imported === 1)).data;
  }

  source(everybody: readonly Person[]): void {
    this.versions.push(everybody);
    writeCsv(this.file, everybody);
  }

  run() {
    return installation.run(this.job);
  }

  /** The target is as the rules make it from the source, version by version. */
  expectTarget(versions: readonly (readonly Person[])[] = this.versions): void {
    expect(accountsIn(this.target.users())).toEqual(expectedAccounts(...versions));
  }

  /** A write is seen in the target a moment before it is told of in the log. */
  async end(): Promise<void> {
    await eventuallyHolds(async () => {
      const events = await installation.eventsAtRest(this.job);
      expect(checkLog(events)).toEqual([]);
      expect(openEscrows(events)).toEqual([]);
    });
  }
}

const staff = people(40);
const inactive = (each: Person): Person => ({ ...each, status: 'inactive' });
const leavers = (...indexes: number[]): Person[] => staff.map((each, index) => (indexes.includes(index) ? inactive(each) : each));
const without = (...indexes: number[]): Person[] => staff.filter((_, index) => !indexes.includes(index));

test('who is marked as a leaver is disabled, and enabled again upon return', async () => {
  const story = await Story.begin('leaver', staff);
  story.source(leavers(3, 4));
  expect(await story.run()).toMatchObject({ result: 'succeeded', tally: { imported: 2, disabled: 2, held: 0 } });
  story.expectTarget();
  expect(accountsIn(story.target.users()).filter(({ active }) => !active)).toHaveLength(2);

  story.source(leavers(4).map((each, index) => (index === 3 ? { ...each, familyName: 'Married' } : each)));
  expect(await story.run()).toMatchObject({ tally: { imported: 1, updated: 1 } });
  story.expectTarget();
  expect((await installation.list(story.job, ObjectExported)).at(-1)).toMatchObject({ action: 'update', enabled: true });
  await story.end();
});

test('who is gone from the file is deleted, without anybody being asked when they are few', async () => {
  const story = await Story.begin('gone', staff);
  story.source(without(0, 7));
  expect(await story.run()).toMatchObject({ tally: { imported: 2, deleted: 2, held: 0 } });
  story.expectTarget();
  expect(await installation.list(story.job, RemovalsReleased)).toMatchObject([{ proposed: 2, by: { kind: 'system' } }]);
  await story.end();
});

test('when half of the file is gone nobody is touched until a person agrees', async () => {
  const story = await Story.begin('half', staff);
  story.source(staff.slice(0, 20));
  const closed = await story.run();
  expect(closed).toMatchObject({ result: 'succeeded', tally: { imported: 20, skipped: 2, held: 18, deleted: 0 } });
  story.expectTarget([staff]);
  expect(await installation.list(story.job, RemovalsHeld)).toMatchObject([
    {
      cycleId: closed.cycleId,
      proposed: 18,
      linked: 36,
      until: 'person',
      threshold: '18 of 36 accounts, limit 20 %; 20 of 40 users gone from the source, limit 20 %',
    },
  ]);

  // What waits does not stop what comes after.
  story.source([...staff.slice(0, 20), person(900)]);
  expect(await story.run()).toMatchObject({ tally: { imported: 1, created: 1, held: 0 } });
  story.expectTarget([[...staff, person(900)]]);

  await installation.release(story.job, closed.cycleId);
  await eventuallyHolds(() => story.expectTarget());
  await expect(installation.release(story.job, closed.cycleId)).rejects.toThrow(/held are those of: none/);
  expect(await story.run()).toMatchObject({ tally: { imported: 0 } });
  await story.end();
});

test('who returns while their removal waits keeps the account, whatever is released afterwards', async () => {
  const story = await Story.begin('returns', staff);
  story.source(staff.slice(0, 20));
  const { cycleId } = await story.run();
  story.source([...staff.slice(0, 20), staff[25]!, { ...staff[26]!, givenName: 'Back' }]);
  expect(await story.run()).toMatchObject({ tally: { imported: 2, unchanged: 1, updated: 1 } });
  expect((await installation.list(story.job, RemovalWithdrawn)).map(({ sourceId, heldCycleId }) => [sourceId, heldCycleId])).toEqual(
    expect.arrayContaining([
      ['E25', cycleId],
      ['E26', cycleId],
    ]),
  );
  await installation.release(story.job, cycleId);
  await eventuallyHolds(() => story.expectTarget([staff, [...staff.slice(0, 20), staff[25]!, { ...staff[26]!, givenName: 'Back' }]]));
  await story.end();
});

early.test('removals that are released while another cycle runs do not hold up its own', async () => {
  const story = await Story.begin('crossing', staff);
  story.source(staff.slice(0, 20));
  const { cycleId } = await story.run();
  story.source(staff.slice(0, 20).map((each, index) => (index === 5 ? inactive(each) : each)));
  story.target.fail(new QuirkFault({ do: 'drip', everyMs: 15 }, { method: 'GET', times: 1 }));
  const next = await installation.open(story.job);
  await installation.release(story.job, cycleId);
  expect(await installation.cycleClosed(story.job, 3)).toMatchObject({ cycleId: next, tally: { disabled: 1, held: 0 } });
  await eventuallyHolds(() => story.expectTarget());
  await story.end();
});

test('removals that were found before an import failed are weighed with the next complete one', async () => {
  const crowd = people(500);
  const story = await Story.begin('broken-off', crowd);
  // Everybody has changed, three of the first append left, and the target cannot be understood while those of the second are looked up.
  story.source(
    crowd.map((each, index) => ({ ...each, givenName: 'New', ...([1, 2, 3].includes(index) && { status: 'inactive' as const }) })),
  );
  const late = story.target.users().find(({ userName }) => userName === crowd[450]!.userName);
  story.target.fail(
    new QuirkFault(
      { do: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Maintenance</html>' },
      { method: 'GET', url: new RegExp(`Users/${late!.id}$`), times: 1 },
    ),
  );
  const failed = await story.run();
  expect(failed).toMatchObject({ result: 'failed', tally: { held: 3, disabled: 0 }, failure: { kind: 'protocol' } });
  expect(accountsIn(story.target.users()).filter(({ active }) => !active)).toEqual([]);
  expect(await installation.list(story.job, RemovalsHeld)).toMatchObject([{ cycleId: failed.cycleId, until: 'import' }]);

  expect(await story.run()).toMatchObject({ result: 'succeeded' });
  await eventuallyHolds(() => {
    const expected = expectedAccounts(
      crowd,
      crowd.map((each, index) => ([1, 2, 3].includes(index) ? inactive(each) : { ...each, givenName: 'New' })),
    );
    expect(accountsIn(story.target.users())).toEqual(expected);
  });
  await story.end();
});

const soon = { after: ['2s', '4s', '6s'], thenEvery: '2s', giveUpAfter: '1d' };
const refusal = {
  do: 'answer',
  status: 400,
  body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], detail: 'Not now.' },
} as const;

early.test('a removal that the target refused is tried again and done', async () => {
  const story = await Story.begin('refused', staff, { retry: soon, schedule: { every: '10s' } }, { patch: 'never' });
  story.source(leavers(3));
  story.target.fail(new QuirkFault(refusal, { method: 'PUT', times: 1 }));
  expect(await story.runOfOne()).toMatchObject({ result: 'entry-level-errors', tally: { escrowed: 1, held: 0 } });
  await eventuallyHolds(() => story.expectTarget(), { timeoutMs: 25_000 });
  await story.end();
});

early.test('a leaver who could not be looked up at first is disabled in the end', async () => {
  const story = await Story.begin('not-looked-up', staff, { retry: soon, schedule: { every: '10s' } });
  story.source(leavers(3));
  const { id } = story.target.users().find(({ userName }) => userName === staff[3]!.userName)!;
  story.target.fail(new QuirkFault(refusal, { method: 'GET', url: new RegExp(`Users/${id}\\b`), times: 1 }));
  expect(await story.runOfOne()).toMatchObject({ result: 'entry-level-errors', tally: { escrowed: 1 } });
  await eventuallyHolds(() => story.expectTarget(), { timeoutMs: 25_000 });
  await story.end();
});

early.test('a removal that is released while an earlier write of the same account is under way is done after it', async () => {
  const story = await Story.begin('overtaken', staff, { retry: soon }, { patch: 'never' });
  story.source(staff.map((each, index) => (index === 3 ? { ...each, givenName: 'Slow' } : each)));
  story.target.fail(
    new QuirkFault(refusal, { method: 'PUT', times: 1 }),
    new QuirkFault({ do: 'drip', everyMs: 12 }, { method: 'PUT', times: 1 }),
  );
  expect(await story.run()).toMatchObject({ tally: { imported: 1, escrowed: 1 } });
  await installation.find(story.job, RuleEvaluated, ({ data }) => data.attempt === 1);
  story.source(leavers(3));
  expect(await story.run()).toMatchObject({ result: 'succeeded', tally: { imported: 1, disabled: 1, held: 0 } });
  await eventuallyHolds(() => expect(accountsIn(story.target.users()).filter(({ active }) => !active)).toHaveLength(1));
  await story.end();
});

// ---------------------------------------------------------------- a source that cannot be trusted

const good = csvOf(staff);
const unusable: Record<string, { put: (file: string) => void; code: string; message: RegExp }> = {
  'is missing': { put: (file) => rmSync(file), code: 'csv-missing', message: /unusable-\d\.csv does not exist/ },
  'has no byte': { put: (file) => writeCsv(file, ''), code: 'csv-empty', message: /empty|header/i },
  'has a header and nobody else': { put: (file) => writeCsv(file, []), code: 'source-empty', message: /holds no object at all/ },
  'ends in the middle of a record': {
    put: (file) => writeCsv(file, good.slice(0, Math.floor(good.length * 0.6)).replace(/,[^,]*$/, '')),
    code: 'csv-truncated',
    message: /line 25, has 6 of 7 fields/,
  },
  'ends inside a quote': {
    put: (file) => writeCsv(file, good.replace('Given20,', '"Given20,')),
    code: 'csv-truncated',
    message: /quote/i,
  },
  'lost a column that the rules need': {
    put: (file) => writeCsv(file, good.replace('givenName', 'firstName')),
    code: 'csv-header-changed',
    message: /givenName/,
  },
  'lost the column of the key': {
    put: (file) => writeCsv(file, good.replace('employeeId', 'number')),
    code: 'csv-header-changed',
    message: /employeeId/,
  },
};

describe('when the file', () => {
  for (const [at, [name, { put, code, message }]] of Object.entries(unusable).entries()) {
    early.test(`${name}, the cycle says so and nobody is touched; the next good file is taken by itself`, async () => {
      const story = await Story.begin(`unusable-${at}`, staff, { schedule: { every: '10s' } });
      put(story.file);
      const { data: failed } = await installation.find(story.job, ImportFailed);
      expect(failed).toMatchObject({ side: 'source', failure: { code, message: expect.stringMatching(message) as unknown } });
      const isFailed = ({ data }: { data: { cycleId: string } }) => data.cycleId === failed.cycleId;
      const { data: closed } = await installation.find(story.job, CycleClosed, isFailed);
      expect(closed).toMatchObject({ result: 'failed', failure: { code } });
      story.expectTarget();

      story.source(leavers(1, 2));
      await installation.find(story.job, JobRecovered);
      story.expectTarget();
      const opened = await installation.list(story.job, CycleOpened);
      const index = opened.findIndex(({ cycleId }) => cycleId === failed.cycleId);
      expect(opened[index + 1]!.watermark).toEqual(opened[index]!.watermark);
      expect(opened.every(({ by }) => by.kind === 'system')).toBe(true);
      expect(await installation.list(story.job, RemovalHeld)).toHaveLength(2);
      await story.end();
    });
  }
});

test('the services had no trouble with any of this', () => expect(installation.troubles()).toEqual([]));
