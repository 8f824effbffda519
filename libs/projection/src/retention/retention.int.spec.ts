import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { LogEvent } from '@provident/contracts';

import { type AllHorizons, listParts, Projector, readHorizons, removeOld, resetReadModels } from '../index.js';
import { type Person, plots, Story, type TestReadModels, testReadModels } from '../testing/index.js';

const log = 'log-1';
const dayMs = 86_400_000;
const everybody: Person[] = Array.from({ length: 36 }, (_, i) => ({ plot: plots[i % plots.length]!, id: `E-${i}` }));
const again: Person[] = [
  { plot: 'mover', id: 'E-0' },
  { plot: 'joiner', id: 'E-1' },
];

/** A first cycle half a year ago, another one and what came of those in escrow lately. */
function history(jobId: string, after = 0): { events: LogEvent[]; closed: number } {
  const { events } = new Story(jobId, '2026-07-01T09:00:00.000Z', after)
    .configured()
    .cycle(everybody, { kind: 'initial', pageSize: 5 })
    .cycle(again)
    .aftermath();
  const closed = events.findIndex(({ type }) => type === 'cycle-closed') + 1;
  const long = (event: LogEvent): LogEvent => ({ ...event, at: new Date(Date.parse(event.at) - 180 * dayMs).toISOString() });
  return { events: events.map((event, i) => (i < closed ? long(event) : event)), closed };
}

const now = new Date('2026-07-02T00:00:00.000Z');
const horizon = '2026-06-01T00:00:00.000Z';
const all = (keptSince: string | null, jobs: [string, string | null][] = []): AllHorizons => ({
  log: { jobs: new Map(jobs), others: keptSince },
  events: { jobs: new Map(jobs), others: keptSince },
});

let models: TestReadModels;
let projector: Projector;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());
beforeEach(() => {
  projector = new Projector(models.connection, log);
});
afterEach(async () => {
  await resetReadModels(models.connection);
  await models.dataSource.query('truncate retention_horizon');
});

const query = <Row>(sql: string): Promise<Row[]> => models.dataSource.query(sql);
async function removeAllOld(wanted: AllHorizons): Promise<number> {
  let removed = 0;
  for (;;) {
    const step = await removeOld(models.connection, wanted, now);
    removed += step.removed;
    if (!step.isMore) return removed;
  }
}
const texts = async (table: string, where: string): Promise<string[]> =>
  (await query<{ row: string }>(`select r::text as row from ${table} r where ${where} order by 1`)).map(({ row }) => row);
const isLate = `at >= '${horizon}'`;

test('what is old and settled goes; what is open, and what was done to the job, stays; and the log is projected on as if nothing had gone', async () => {
  const { events, closed } = history('hr');
  await projector.project(events);
  const whole = { entries: await texts('provisioning_entry', isLate), events: await texts('audit_event', isLate) };
  const open = await texts('provisioning_entry', `not ${isLate} and status = 'warning'`);
  await resetReadModels(models.connection);

  await new Projector(models.connection, log).project(events.slice(0, closed + 12));
  expect(await removeAllOld(all(horizon))).toBeGreaterThan(0);
  expect(await removeAllOld(all(horizon))).toBe(0);
  const left = await query<{ status: string; escrow: string | null }>(`select status, escrow from provisioning_entry where not ${isLate}`);
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter(({ status, escrow }) => !['warning', 'failure'].includes(status) && escrow === null)).toEqual([]);
  expect(await query(`select distinct type from audit_event where not ${isLate} and object_key is null order by 1`)).toEqual([
    { type: 'job-configured' },
    { type: 'removals-held' },
  ]);
  const orphans = `select count(*)::int as n from audit_event where not ${isLate} and object_key is not null
    and change_id not in (select change_id from provisioning_entry)`;
  expect(await query(orphans)).toEqual([{ n: 0 }]);

  await new Projector(models.connection, log).project(events.slice(closed + 12));
  expect(await texts('provisioning_entry', isLate)).toEqual(whole.entries);
  expect(await texts('audit_event', isLate)).toEqual(whole.events);
  await removeAllOld(all(horizon));
  expect(await texts('provisioning_entry', `not ${isLate}`)).toEqual(open);
});

test('parts that nobody keeps go as a whole, what stays of them lies in one, and there is room for late comers', async () => {
  const { events } = history('hr');
  const spread = events.map((event) => ({ ...event, sequence: event.sequence * 2_000, cause: event.cause * 2_000 }));
  for (const event of spread) await projector.project([event]);
  const before = await listParts(models.connection, 'audit_event');
  expect(before.length).toBeGreaterThan(3);
  await removeAllOld(all(horizon));
  const parts = await listParts(models.connection, 'audit_event');
  expect(parts.length).toBeLessThan(before.length);
  expect([parts[0]!.from, parts.at(-1)]).toEqual([0, before.at(-1)]);
  for (const [i, { from }] of parts.entries()) if (i > 0) expect(from).toBe(parts[i - 1]!.to);
  const last = spread.at(-1)!;
  await projector.project([{ ...last, id: 'later', sequence: last.sequence + 1 }]);
  expect(await query(`select count(*)::int as n from audit_event where sequence > ${last.sequence}`)).toEqual([{ n: 1 }]);
});

test('each job is kept as long as it says', async () => {
  const one = history('hr');
  const other = history('crm', one.events.length);
  await projector.project([...one.events, ...other.events]);
  const before = await texts('audit_event', `job_id = 'crm'`);
  await removeAllOld(all(horizon, [['crm', null]]));
  expect(await texts('audit_event', `job_id = 'crm'`)).toEqual(before);
  expect(
    await query(`select count(*)::int as n from provisioning_entry where job_id = 'hr' and status = 'success' and not ${isLate}`),
  ).toEqual([{ n: 0 }]);
  const known = await readHorizons(models.connection);
  expect([known.log.others, known.log.jobs.get('crm')]).toEqual([horizon, undefined]);
});

test('nothing goes where everything is kept, and a horizon never goes back', async () => {
  await projector.project(history('hr').events);
  const before = await models.dump();
  expect(await removeAllOld(all(null))).toBe(0);
  expect(await models.dump()).toEqual(before);
  await removeAllOld(all(horizon));
  await removeAllOld(all('2026-01-01T00:00:00.000Z'));
  expect((await readHorizons(models.connection)).events.others).toBe(horizon);
});

test('whoever reads is not waited for: it is tried again another time', async () => {
  await projector.project(history('hr').events.map((event) => ({ ...event, sequence: event.sequence * 2_000 })));
  const reader = models.dataSource.createQueryRunner();
  await reader.query('begin');
  await reader.query('select count(*) from provisioning_entry');
  const before = (await query<{ n: number }>('select count(*)::int as n from provisioning_entry'))[0]!.n;
  expect(await removeOld(models.connection, all(horizon), now)).toEqual({ removed: 0, isMore: false });
  await reader.query('rollback');
  await reader.release();
  expect(await removeAllOld(all(horizon))).toBeGreaterThan(0);
  expect((await query<{ n: number }>('select count(*)::int as n from provisioning_entry'))[0]!.n).toBeLessThan(before);
});
