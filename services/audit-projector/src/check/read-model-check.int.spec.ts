import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AllHorizons, readHorizons, removeOld } from '@provident/projection';
import { plots, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';
import type { Finding, ReadModelCheckView } from '@provident/contracts';

import { ProjectorLoop } from '../projector-loop.js';
import { TestLog } from '../testing/test-log.js';
import { ReadModelCheck } from './read-model-check.js';

const people = Array.from({ length: 60 }, (_, i) => ({ plot: plots[i % plots.length]!, id: `E-${i}` }));
const { events } = new Story().configured().cycle(people.slice(0, 40)).cycle(people.slice(40));
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const half = events.length >> 1;

let models: TestReadModels;
let log: TestLog;
let ending: AbortController;
let living: Promise<void>;
beforeEach(async () => {
  models = await testReadModels();
  log = new TestLog().append(events.slice(0, half));
  ending = new AbortController();
  const options = { schema: models.schema, logger, standbyMs: 20, pausesMs: { first: 10, longest: 50 } };
  living = new ProjectorLoop(models.dataSource, log, options).run(ending.signal);
  await reaches(half);
}, 120_000);
afterEach(async () => {
  ending.abort();
  await living;
  await models.close();
});

async function reaches(sequence: number): Promise<void> {
  for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const [row] = await models.dataSource.query('select sequence from position');
    if (row?.sequence === sequence) return;
    if (Date.now() > until) throw new Error(`the position is ${row?.sequence}, not ${sequence}`);
  }
}

const reports: Partial<ReadModelCheckView>[] = [];
const check = (kind: 'verify' | 'rebuild'): Promise<readonly Finding[]> =>
  new ReadModelCheck({ log, source: log, dataSource: models.dataSource, url: models.url, schema: models.schema }, (change) =>
    reports.push(change),
  ).run(kind, ending.signal);
const verdicts = (findings: readonly Finding[]) => Object.fromEntries(findings.map(({ check: name, ok }) => [name, ok]));
const schemas = async (): Promise<string[]> =>
  (await models.dataSource.query(`select nspname as name from pg_namespace where nspname like '${models.schema}%' order by 1`)).map(
    ({ name }: { name: string }) => name,
  );
const dump = async () => models.dump();

test('read models that are what the log says pass, and the projection goes on', async () => {
  expect(verdicts(await check('verify'))).toEqual({
    'log-complete': true,
    'read-models-equal-log': true,
    'tallies-balance': true,
    'events-readable': true,
  });
  expect(reports.findLast(({ position }) => position !== undefined)).toEqual({ position: half });
  expect(await schemas()).toEqual([models.schema]);
  log.append(events.slice(half));
  await reaches(events.length);
});

test('a row that was changed, one that was lost and one too many are found, told and not touched', async () => {
  const { query } = { query: (sql: string) => models.dataSource.query(sql) };
  await query(
    `update provisioning_entry set status = 'success' where change_id = (select min(change_id) from provisioning_entry where status = 'failure')`,
  );
  await query('delete from audit_event where sequence = 7');
  await query(`insert into identity values ('who', 'source', 'hr', 'user:who', 1)`);
  const before = await dump();
  const findings = await check('verify');
  expect(verdicts(findings)).toMatchObject({ 'log-complete': true, 'read-models-equal-log': false });
  expect(findings.find(({ ok }) => !ok)?.text).toMatch(
    /audit_event: 0 rows not as the log says, 1 rows.*identity: 1 rows not.*, 0 rows.*provisioning_entry: 1 rows not.*, 1 rows/,
  );
  expect(await dump()).toEqual(before);
});

test('a rebuild puts right what was wrong, for those that are reading and those that are projecting', async () => {
  const right = await dump();
  const reader = models.dataSource.createQueryRunner();
  await reader.query('select count(*) from audit_event');
  await models.dataSource.query('delete from audit_event where sequence < 50');
  await models.dataSource.query('update cycle set created = created + 5');
  const findings = await check('rebuild');
  expect(verdicts(findings)).toMatchObject({ replaced: true, 'tallies-balance': true });
  expect(findings.find(({ check: name }) => name === 'replaced')?.text).toMatch(
    /the read models differ from the log .*audit_event: 0 rows/,
  );
  expect(await dump()).toEqual(right);
  expect((await reader.query('select count(*)::int as n from audit_event'))[0].n).toBe(half);
  await reader.release();
  expect(await schemas()).toEqual([models.schema]);
  log.append(events.slice(half));
  await reaches(events.length);
  expect(verdicts(await check('verify'))).toMatchObject({ 'read-models-equal-log': true, 'tallies-balance': true });
});

test('a rebuilt schema has every index again', async () => {
  const indexes = () =>
    models.dataSource.query(
      `select indexname, indexdef from pg_indexes where schemaname = current_schema() and tablename !~ '_\\d+$' order by 1`,
    );
  const before = await indexes();
  await check('rebuild');
  expect(await indexes()).toEqual(before);
});

test('events that come meanwhile do not disturb it', async () => {
  const checking = check('verify');
  for (const event of events.slice(half)) {
    log.append([event]);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(verdicts(await checking)).toMatchObject({ 'read-models-equal-log': true });
  await reaches(events.length);
});

test('a log with a gap does not pass', async () => {
  log.extent = async () => ({ first: 1, last: half, events: half - 3 });
  const [finding] = await check('verify');
  expect(finding).toMatchObject({ check: 'log-complete', ok: false, text: expect.stringContaining('3 are missing') });
});

describe('where not everything is kept', () => {
  const late = events.at(half)!.at;
  const horizons: AllHorizons = {
    log: { jobs: new Map(), others: late },
    events: { jobs: new Map([['hr-to-wiki', late]]), others: null },
  };
  const removeAllOld = async (): Promise<number> => {
    let removed = 0;
    for (let isMore = true; isMore; ) {
      const step = await removeOld(models.connection, horizons, new Date(Date.parse(late) + 1));
      removed += step.removed;
      isMore = step.isMore;
    }
    return removed;
  };
  beforeEach(async () => {
    log.append(events.slice(half));
    await reaches(events.length);
    expect(await removeAllOld()).toBeGreaterThan(0);
  });

  test('what is kept is compared, and what went is not missed', async () => {
    expect(verdicts(await check('verify'))).toMatchObject({ 'read-models-equal-log': true, 'tallies-balance': true });
    await models.dataSource.query('delete from audit_event where sequence = (select max(sequence) from audit_event)');
    expect(verdicts(await check('verify'))).toMatchObject({ 'read-models-equal-log': false });
  });

  test('what should have gone and is wrong is found too', async () => {
    const [{ changed }] = await models.dataSource.query(
      `with changed as (update audit_event set status = 'other' where at < $1 and object_key is not null returning 1) select count(*)::int as changed from changed`,
      [late],
    );
    expect(changed).toBeGreaterThan(0);
    expect(verdicts(await check('verify'))).toMatchObject({ 'read-models-equal-log': false });
  });

  test('read models that are built anew know from when on they are kept', async () => {
    await check('rebuild');
    const known = await readHorizons(models.connection);
    expect([known.log.others, known.events.jobs.get('hr-to-wiki')]).toEqual([late, late]);
    expect(verdicts(await check('verify'))).toMatchObject({ 'read-models-equal-log': true });
  });
});

test('an event that the log does not give any more is found, and read models that still know it are not replaced', async () => {
  log.damaged.add(7);
  const before = await dump();
  const verified = await check('verify');
  expect(verdicts(verified)).toMatchObject({ 'read-models-equal-log': false, 'events-readable': false });
  expect(verified.map(({ text }) => text).join('\n')).toMatch(
    /hold what the log does not give any more \(1 events, the first at 7\)[^]*the first at 7: damaged/,
  );
  expect(verdicts(await check('rebuild'))).toMatchObject({ replaced: false, 'events-readable': false });
  expect(await dump()).toEqual(before);
  expect(await schemas()).toEqual([models.schema]);
  log.damaged.clear();
  expect(verdicts(await check('rebuild'))).toMatchObject({ replaced: true, 'events-readable': true });
});
