import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LogEvent, StreamFilter } from '@provident/contracts';
import { plots, Projector, resetReadModels, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import { auditPages, provisioningPages, readStream, type StreamItem } from '../index.js';

const tenantId = 'aaaaaaaa-0000-4000-8000-000000000000';
const everybody = plots.map((plot, i) => ({ plot, id: `E-${i}`, name: plot }));

let models: TestReadModels;
let events: readonly LogEvent[];

beforeAll(async () => {
  models = await testReadModels();
  const wiki = new Story().configured().cycle(everybody, { kind: 'initial' }).failedCycle().aftermath();
  const crm = new Story('hr-to-crm', '2026-03-04T00:00:00.000Z', wiki.events.length)
    .configured()
    .cycle(everybody.slice(0, 5), { kind: 'initial' });
  events = [...wiki.events, ...crm.events];
}, 120_000);
afterAll(() => models?.close());

const read = (after: number, window: number, filter: StreamFilter = {}) =>
  readStream(models.dataSource, { after, events: window, filter, tenantId });

async function all(window: number, filter: StreamFilter = {}): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  for (let after = 0; ; ) {
    const page = await read(after, window, filter);
    if (!page) return items;
    for (const { sequence } of page.items) expect(sequence > after && sequence <= page.through).toBe(true);
    items.push(...page.items);
    after = page.through;
  }
}

async function listed<Item>(pages: AsyncGenerator<Iterable<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

const byId = <Item extends { id: string }>(items: readonly Item[]): Item[] => [...items].sort((one, other) => (one.id < other.id ? -1 : 1));
const auditsIn = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === 'audit' ? [item.audit] : []));
const entriesIn = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === 'provisioning' ? [item.entry] : []));

test('whoever reads while it happens misses nothing: every event once, and every entry as it is at its end', async () => {
  await resetReadModels(models.connection);
  const projector = new Projector(models.connection, 'log');
  const seen: StreamItem[] = [];
  let after = 0;
  for (let at = 0; at < events.length; at += 7) {
    await projector.project(events.slice(at, at + 7));
    const page = await read(after, 5);
    seen.push(...(page?.items ?? []));
    after = page?.through ?? after;
  }
  for (let page = await read(after, 5); page; page = await read(after, 5)) {
    seen.push(...page.items);
    after = page.through;
  }
  const audits = await listed(auditPages(models.dataSource, {}, 100));
  const entries = await listed(provisioningPages(models.dataSource, tenantId, {}, 100));
  expect(entries.length).toBeGreaterThan(everybody.length);
  // What an event shows of its change's later steps is what was known when it was read.
  expect(byId(auditsIn(seen)).map(({ id }) => id)).toEqual(byId(audits).map(({ id }) => id));
  expect(byId([...new Map(entriesIn(seen).map((entry) => [entry.id, entry])).values()])).toEqual(byId(entries));
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map(({ sequence }) => sequence).sort((one, other) => one - other));
}, 60_000);

test('however much is read at a time, the end is the same', async () => {
  const byOne = await all(1);
  expect(byId(auditsIn(byOne))).toEqual(byId(await listed(auditPages(models.dataSource, {}, 100))));
  for (const window of [3, 10_000]) {
    const items = await all(window);
    expect(byId(auditsIn(items))).toEqual(byId(auditsIn(byOne)));
    expect(byId(entriesIn(items))).toEqual(byId(entriesIn(byOne)));
  }
}, 60_000);

test.each<[StreamFilter, (item: StreamItem) => boolean]>([
  [{ jobs: ['hr-to-crm'] }, ({ jobId }) => jobId === 'hr-to-crm'],
  [{ statuses: ['failure'] }, ({ status }) => status === 'failure'],
  [
    { contents: ['audits'], activities: ['export', 'job'] },
    (item) => item.kind === 'audit' && ['export', 'job'].includes(item.facts.activity),
  ],
  [{ contents: ['provisioning'] }, ({ kind }) => kind === 'provisioning'],
])('a filter leaves out what it says and nothing else: %j', async (filter, isMeant) => {
  const items = await all(50, filter);
  expect(items.length).toBeGreaterThan(0);
  expect(items).toEqual((await all(50)).filter(isMeant));
});

test('rows that are gone because the tables are being made anew are not taken for none', async () => {
  const last = events.at(-1)!.sequence;
  const gone = {
    query: async (sql: string, values?: unknown[]) => {
      if (sql.includes('from audit_event event')) await resetReadModels(models.connection);
      return models.dataSource.query(sql, values);
    },
  };
  expect(await readStream(gone as never, { after: last - 10, events: 100, filter: {}, tenantId })).toBeNull();
});
