import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CycleView, EventView, JobDaysView, JobStatusView, type LogEvent, LogPageView } from '@provident/contracts';
import {
  explain,
  makeRoom,
  type Person,
  plots,
  Projector,
  resetReadModels,
  Story,
  type TestReadModels,
  testReadModels,
} from '@provident/projection/testing';

import {
  BadCursor,
  entriesQuery,
  findLog,
  getCycle,
  getDatabaseHealth,
  getJobStatus,
  listCycles,
  listDays,
  listEvents,
  listJobs,
  NotFound,
} from './index.js';
import { objectsSql } from './find-objects.js';

const everybody: Person[] = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
const idOf = (plot: (typeof plots)[number]): string => `E-${plots.indexOf(plot)}`;

let models: TestReadModels;
let db: TestReadModels['dataSource'];

async function given(events: readonly LogEvent[]): Promise<void> {
  await resetReadModels(models.connection);
  await new Projector(models.connection, 'log').project(events);
}

const aLot = (): LogEvent[] =>
  new Story()
    .configured()
    .cycle(everybody, { kind: 'initial' })
    .failedCycle()
    .recovered()
    .cycle([{ plot: 'mover', id: 'E-0', name: 'Zoë Müller' }]).events;

beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
}, 120_000);
afterAll(() => models?.close());

describe('the status of a job', () => {
  test('sums up a job that has run', async () => {
    const events = aLot();
    await given(events);
    const status = await getJobStatus(db, 'hr-to-wiki', events.length + 7);
    expect(JobStatusView.parse(status)).toEqual(status);
    expect(status).toMatchObject({
      name: 'HR to Wiki',
      source: 'HR',
      target: 'Wiki',
      revision: 1,
      state: 'active',
      inScope: { user: 8 },
      initialCycleCompleted: true,
      running: null,
      escrows: 1,
      heldRemovals: null,
      quarantine: null,
      lastCycle: { cycleId: 'hr-to-wiki-c3', state: 'succeeded', tally: { imported: 1, updated: 1 } },
      freshness: { position: events.length, head: events.length + 7, at: events.at(-1)!.at },
    });
    expect(status.nextCycleAt).toBe(new Date(Date.parse(status.lastCycle!.openedAt) + 40 * 60_000).toISOString());
    expect(await listJobs(db, null)).toEqual([{ ...status, freshness: { ...status.freshness, head: events.length } }]);
  });

  test('tells of a quarantine, of held removals and of the cycle that runs', async () => {
    const story = new Story().configured().cycle(everybody, { kind: 'initial', close: false });
    await given(story.events);
    const running = await getJobStatus(db, 'hr-to-wiki', null);
    expect(running).toMatchObject({
      running: { state: 'running', closedAt: null, total: plots.length },
      nextCycleAt: null,
      heldRemovals: { proposed: 1, linked: 100 },
    });
    await given(new Story().configured().failedCycle().events);
    const sick = await getJobStatus(db, 'hr-to-wiki', null);
    expect(sick).toMatchObject({
      state: 'quarantine',
      quarantine: { reason: 'connection', count: 1 },
      lastCycle: { state: 'failed', failure: { kind: 'unavailable' } },
    });
    expect(sick.nextCycleAt).toBe(sick.quarantine!.nextAttemptAt);
  });

  test('of a job that nobody has run, and of one that does not exist', async () => {
    await given(new Story().configured({ schedule: { paused: true } }).events);
    expect(await getJobStatus(db, 'hr-to-wiki', null)).toMatchObject({ state: 'paused', nextCycleAt: null, lastCycle: null, inScope: {} });
    await given(new Story().configured().events);
    expect(await getJobStatus(db, 'hr-to-wiki', null)).toMatchObject({ state: 'not-run' });
    await expect(getJobStatus(db, 'nowhere', null)).rejects.toThrow(NotFound);
  });
});

test('cycles come newest first, page by page', async () => {
  await given(aLot());
  const first = await listCycles(db, { jobId: 'hr-to-wiki', limit: 2 });
  expect(first.cycles.map(({ cycleId }) => cycleId)).toEqual(['hr-to-wiki-c3', 'hr-to-wiki-c2']);
  const second = await listCycles(db, { jobId: 'hr-to-wiki', limit: 2, cursor: first.next! });
  expect(second).toMatchObject({ cycles: [{ cycleId: 'hr-to-wiki-c1' }], next: null });
  expect(CycleView.parse(second.cycles[0])).toEqual(second.cycles[0]);
  expect(await getCycle(db, 'hr-to-wiki', 'hr-to-wiki-c1')).toEqual(second.cycles[0]);
  await expect(getCycle(db, 'hr-to-wiki', 'c9')).rejects.toThrow(NotFound);
});

test('days are parted where a zone has its midnights, and have what their cycles did', async () => {
  await given(aLot());
  const { cycles } = await listCycles(db, { jobId: 'hr-to-wiki', limit: 100 });
  // One each on three days around the night when the clocks of Berlin are put forward; the oldest is older than all of them.
  const opened = ['2026-03-30T21:59:59Z', '2026-03-29T21:59:59Z', '2026-03-28T22:59:59Z'];
  for (const [index, { cycleId }] of cycles.entries())
    await db.query('update cycle set opened_at = $1 where cycle_id = $2', [opened[index], cycleId]);
  const now = Date.parse('2026-03-31T10:00:00Z');
  const berlin = await listDays(db, { jobId: 'hr-to-wiki', days: 3, zone: 'Europe/Berlin' }, now);
  expect(JobDaysView.parse(berlin)).toEqual(berlin);
  const countsOf = (...those: CycleView[]) => ({
    cycles: those.length,
    failedCycles: those.filter(({ state }) => state === 'failed').length,
    changed: those.reduce((sum, { tally: { created, updated, disabled, deleted } }) => sum + created + updated + disabled + deleted, 0),
    failed: those.reduce((sum, { tally }) => sum + tally.escrowed, 0),
    held: those.reduce((sum, { tally }) => sum + tally.held, 0),
  });
  const [newest, failed, oldest] = cycles as [CycleView, CycleView, CycleView];
  expect(berlin.days).toEqual([
    { day: '2026-03-29', beginsAt: '2026-03-28T23:00:00.000Z', ...countsOf(failed) },
    { day: '2026-03-30', beginsAt: '2026-03-29T22:00:00.000Z', ...countsOf(newest) },
    { day: '2026-03-31', beginsAt: '2026-03-30T22:00:00.000Z', ...countsOf() },
  ]);
  const utc = await listDays(db, { jobId: 'hr-to-wiki', days: 30, zone: 'UTC' }, now);
  expect(utc.days).toHaveLength(30);
  expect(utc.days.slice(-4)).toEqual(
    [[oldest], [failed], [newest], []].map((those, index) => ({
      day: `2026-03-${28 + index}`,
      beginsAt: `2026-03-${28 + index}T00:00:00.000Z`,
      ...countsOf(...those),
    })),
  );
  expect(
    Math.min(countsOf(oldest).changed, countsOf(oldest).failed, countsOf(failed).failedCycles, countsOf(newest).changed),
  ).toBeGreaterThan(0);
  expect((await listDays(db, { jobId: 'nobody', days: 1, zone: 'UTC' }, now)).days).toMatchObject([countsOf()]);
});

const story = async (plot: (typeof plots)[number]) => (await findLog(db, { user: idOf(plot), limit: 10 })).entries.at(-1)!;

describe('the provisioning log', () => {
  test('tells one person´s story in the four activities, found by every identifier', async () => {
    await given(aLot());
    const bySource = await findLog(db, { user: 'E-0', limit: 10 });
    expect(LogPageView.parse(bySource)).toEqual(bySource);
    expect(bySource.entries.map(({ cycleId, action, displayName }) => [cycleId, action, displayName])).toEqual([
      ['hr-to-wiki-c3', 'update', 'Zoë Müller'],
      ['hr-to-wiki-c1', 'create', 'Person E-0'],
    ]);
    const [, joined] = bySource.entries;
    expect(joined!.statusText).toBe('created in Wiki: in scope and not in the target yet');
    expect(joined!.steps.map(({ activity, system, status, text }) => [activity, system, status, text])).toEqual([
      ['import', 'source', 'success', 'read "E-0" from HR: it is new there'],
      ['import', 'target', 'success', 'not found in Wiki: nothing has userName "E-0@Acme.test"'],
      [
        'synchronization-rule',
        'provident',
        'success',
        'in scope by "Staff"; matched by userName "E-0@Acme.test"; to be created in Wiki: in scope and not in the target yet; userName nothing → "E-0@Acme.test", name.givenName nothing → "Person E-0", emails[type eq "work"].value nothing → "E-0@Acme.test", title nothing → "Engineer "II""',
      ],
      [
        'export',
        'target',
        'success',
        'created "w-E-0" in Wiki: userName nothing → "E-0@Acme.test", name.givenName nothing → "Person E-0", emails[type eq "work"].value nothing → "E-0@Acme.test", title nothing → "Engineer "II""',
      ],
    ]);
    expect(joined!.steps[0]!.details).toMatchObject({ attributes: { mail: 'E-0@Acme.test' } });
    expect(joined!.steps[0]!.details).not.toHaveProperty('objectKey');
    for (const user of ['w-E-0', 'E-0@ACME.TEST', 'e-0@acme.test']) expect(await findLog(db, { user, limit: 10 })).toEqual(bySource);
    for (const user of ['e-0', 'W-E-0', 'E-00', '']) expect(await findLog(db, { user, limit: 10 })).toEqual({ entries: [], next: null });
  });

  test('says why nothing was done, what failed, and what happens next', async () => {
    await given(aLot());
    expect(await story('out-of-scope')).toMatchObject({
      status: 'skipped',
      reason: 'out-of-scope',
      statusText: 'skipped: no scoping filter holds',
    });
    expect((await story('out-of-scope')).steps.at(-1)!.text).toBe(
      `not in scope: "Staff" wants employeeType EQUALS 'staff', the value is "guest"; nothing is done: no scoping filter holds`,
    );
    expect(await story('bad-record')).toMatchObject({
      status: 'failure',
      reason: 'no-anchor',
      statusText: 'failed: row 17 has no employee number; tried again at 2026-03-02T15:00:00.000Z',
    });
    expect(await story('given-up')).toMatchObject({
      action: 'create',
      attempts: 2,
      statusText: 'could not be created in Wiki: the target answered 400: "phone is not a number"; given up after 2 attempts',
    });
    expect(await story('rejected')).toMatchObject({ status: 'success', attempts: 2 });
    const firstTry = ['import', 'import', 'synchronization-rule', 'export', 'process-escrow'];
    expect((await story('rejected')).steps.map(({ activity }) => activity)).toEqual([...firstTry, 'process-escrow', ...firstTry]);
  });

  test('shows a change that is under way to whoever asks for the person', async () => {
    const { events } = new Story().configured().cycle([{ plot: 'joiner', id: 'E-7' }]);
    await given(events.filter(({ type }) => type !== 'object-exported' && type !== 'cycle-closed'));
    const page = await findLog(db, { user: 'E-7', limit: 10 });
    expect(LogPageView.parse(page)).toEqual(page);
    expect(page.entries).toMatchObject([
      {
        status: 'in-progress',
        action: 'create',
        matchingValue: 'E-7@Acme.test',
        statusText: 'waits to be written to Wiki',
        displayName: 'Person E-7',
      },
    ]);
    expect(page.entries[0]!.steps).toHaveLength(3);
    expect((await findLog(db, { limit: 10 })).entries).toEqual([]);
    await given(events);
    expect((await findLog(db, { user: 'E-7', limit: 10 })).entries).toMatchObject([{ status: 'success' }]);
  });

  test('pages through everything once, newest first, while new entries arrive', async () => {
    const events = aLot();
    await given(events);
    const all = (await findLog(db, { limit: 100 })).entries;
    expect(all).toHaveLength(plots.length + 1);
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const { entries, next } = await findLog(db, { limit: 4, cursor });
      seen.push(...entries.map(({ changeId }) => changeId));
      if (next === null) break;
      cursor = next;
      const newer = new Story(`other-${page}`, '2026-04-01T00:00:00.000Z', 100_000 * (page + 1))
        .configured()
        .cycle([{ plot: 'joiner', id: `N-${page}` }]);
      await new Projector(models.connection, 'log').project(newer.events);
    }
    expect(seen).toEqual(all.map(({ changeId }) => changeId));
    await expect(findLog(db, { limit: 4, cursor: 'abc' })).rejects.toThrow(BadCursor);
  });

  test('begins anywhere, and is read from there in both directions to its ends', async () => {
    await given(aLot());
    for (const filter of [{}, { status: 'failure' }, { user: 'E-0' }] as const) {
      const all = (await findLog(db, { ...filter, limit: 100 })).entries;
      const ids = all.map(({ changeId }) => changeId);
      for (const startAt of [
        all[0]!.at,
        all[Math.floor(all.length / 2)]!.at,
        all.at(-1)!.at,
        '2001-01-01T00:00:00.000Z',
        '2099-01-01T00:00:00.000Z',
      ]) {
        const begun = await findLog(db, { ...filter, limit: 2, startAt });
        expect(begun.entries.map(({ changeId }) => changeId)).toEqual(ids.filter((_, index) => all[index]!.at <= startAt).slice(0, 2));
        const seen = begun.entries.map(({ changeId }) => changeId);
        for (let { previous } = begun; previous; ) {
          const newer = await findLog(db, { ...filter, limit: 2, cursor: previous });
          seen.unshift(...newer.entries.map(({ changeId }) => changeId));
          previous = newer.previous;
        }
        for (let { next } = begun; next; ) {
          const older = await findLog(db, { ...filter, limit: 2, cursor: next });
          seen.push(...older.entries.map(({ changeId }) => changeId));
          next = older.next;
        }
        expect(seen).toEqual(ids);
      }
    }
  });

  test('a page of newer entries leads back to the page behind it', async () => {
    await given(aLot());
    const all = (await findLog(db, { limit: 100 })).entries.map(({ changeId }) => changeId);
    const second = await findLog(db, { limit: 3, cursor: (await findLog(db, { limit: 3 })).next! });
    const first = await findLog(db, { limit: 3, cursor: second.previous! });
    expect(first.entries.map(({ changeId }) => changeId)).toEqual(all.slice(0, 3));
    expect((await findLog(db, { limit: 3, cursor: first.next! })).entries).toEqual(second.entries);
  });

  test('is filtered by time, job, status, activity and change', async () => {
    await given(aLot());
    const all = (await findLog(db, { limit: 100 })).entries;
    const middle = all[5]!;
    const ids = async (asked: Partial<Parameters<typeof findLog>[1]>) =>
      (await findLog(db, { limit: 100, ...asked })).entries.map(({ changeId }) => changeId);
    const where = (holds: (entry: (typeof all)[number]) => boolean) => all.filter(holds).map(({ changeId }) => changeId);
    expect(await ids({ since: middle.at })).toEqual(where(({ at }) => at >= middle.at));
    expect(await ids({ until: middle.at })).toEqual(where(({ at }) => at <= middle.at));
    expect(await ids({ jobId: 'hr-to-wiki' })).toEqual(where(() => true));
    expect(await ids({ jobId: 'elsewhere' })).toEqual([]);
    expect(await ids({ change: middle.changeId })).toEqual([middle.changeId]);
    expect(await ids({ change: 'no-such-change' })).toEqual([]);
    expect(await ids({ change: middle.changeId, jobId: 'elsewhere' })).toEqual([]);
    for (const status of ['success', 'failure', 'skipped', 'warning'] as const) {
      expect(await ids({ status })).toEqual(where((entry) => entry.status === status));
      expect(await ids({ status, jobId: 'hr-to-wiki' })).toEqual(where((entry) => entry.status === status));
    }
    for (const activity of ['import', 'synchronization-rule', 'export', 'process-escrow'] as const) {
      expect(await ids({ activity })).toEqual(where(({ steps }) => steps.some((step) => step.activity === activity)));
    }
  });

  test('is looked up by index, whatever is asked', async () => {
    await given(aLot());
    await makeRoom(models.connection, 20_000);
    await db.query(`
      insert into provisioning_entry
      select 'c-' || n, case when n % 500 = 0 then 'small' else 'job-' || n % 20 end, 'c1', 'user:P-' || n % 5000, 'user', null, null, null, null, 'other',
             case when n % 100 = 0 then 'failure' else 'skipped' end, null, '', 1, 3, null, null,
             timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2026-01-01' + n * interval '1 minute',
             case when n % 100 = 0 then timestamptz '2026-01-01' + n * interval '1 minute' end, n, n, '[]'
      from generate_series(1, 20000) n`);
    await db.query('analyze provisioning_entry');
    const plan = async (asked: Parameters<typeof entriesQuery>[0], objects: Parameters<typeof entriesQuery>[1] = null): Promise<string> => {
      const [sql, values] = entriesQuery(asked, objects);
      return explain(models.dataSource, sql, values);
    };
    const person = [{ job_id: 'job-7', object_key: 'user:P-7' }];
    const plans = {
      provisioning_entry_object: await plan({ limit: 10 }, person),
      provisioning_entry_job: await plan({ limit: 10, jobId: 'small', since: '2026-01-10T00:00:00Z' }),
      provisioning_entry_at: await plan({ limit: 10, until: '2026-01-10T00:00:00Z' }),
      provisioning_entry_failed: await plan({ limit: 10, status: 'failure' }),
      _pkey: await plan({ limit: 2, change: 'c-77' }),
      'Scan using provisioning_entry_at': await plan({ limit: 10, key: ['2026-01-10T00:00:00.000Z', 5, 'newer'] }),
    };
    for (const [index, text] of Object.entries(plans)) {
      expect(text).toContain(index);
      expect(text).not.toContain('Seq Scan on provisioning_entry');
    }
    expect(await plan({ limit: 10, activity: 'process-escrow', jobId: 'job-7' })).toContain('provisioning_entry_troubled');
  });

  test('whoever an identifier stands for is found by an index, also beside those who go by a sealed name', async () => {
    await db.query(`insert into identity select 'P-' || n, 'source', 'job-7', 'user:P-' || n, n from generate_series(1, 20000) n`);
    await db.query('analyze identity');
    const text = await explain(db, objectsSql, ['P-7', 'p-7', null, ['job-7'], ['user:P-8'], ['P-8']]);
    expect(text).toContain('identity_pkey');
    expect(text).not.toContain('Seq Scan on identity');
  });
});

test('events come in the order of the log, all of them, of a job, of a type or of a person', async () => {
  const events = aLot();
  await given(events);
  const all = await listEvents(db, { after: 0, limit: 1_000 });
  expect(all.map((event) => EventView.parse(event))).toEqual(all);
  expect(all.map(({ sequence, id, data }) => ({ sequence, id, data }))).toEqual(
    events.map(({ sequence, id, data }) => ({ sequence, id, data })),
  );
  expect(await listEvents(db, { after: 10, limit: 3 })).toEqual(all.slice(10, 13));
  expect(await listEvents(db, { after: 0, limit: 1_000, jobId: 'other' })).toEqual([]);
  expect(await listEvents(db, { after: 3, limit: 2, jobId: 'hr-to-wiki', type: 'rule-evaluated' })).toEqual(
    all.filter(({ type }) => type === 'rule-evaluated').slice(0, 2),
  );
  expect(await listEvents(db, { after: 0, limit: 1_000, user: 'w-E-0' })).toEqual(all.filter(({ subject }) => subject === 'user:E-0'));
});

test('health tells the position, and that something was set aside', async () => {
  const { events } = new Story().configured();
  await given(events);
  await new Projector(models.connection, 'log').project([{ sequence: 2, reason: 'not readable' }]);
  expect(await getDatabaseHealth(db)).toEqual({ database: true, position: 2, setAside: 1 });
  expect(await getDatabaseHealth({ query: () => Promise.reject(new Error('gone')) })).toMatchObject({ database: false });
});
