import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PersonErased } from '@provident/contracts';

import { Projector, resetReadModels } from './index.js';
import { type Person, plots, Story, type TestReadModels, testReadModels } from './testing/index.js';

const log = 'log-1';
const canary = 'Canary Bird';
const witness: Person = { plot: 'joiner', id: 'W-1', name: 'Witness Protected' };
/** One for everything that happens to people, and those whose changes go on afterwards. */
const erased: Person[] = [
  ...plots.map((plot, i): Person => ({ plot, id: `E-${i}`, name: canary })),
  { plot: 'rejected', id: 'X-1', name: canary },
  { plot: 'rejected', id: 'X-2', name: canary },
  { plot: 'given-up', id: 'X-3', name: canary },
  { plot: 'held', id: 'X-4', name: canary },
];
const story = (): Story => new Story().configured({ privacy: { seal: 'sensitive' } }).cycle([witness, ...erased], { kind: 'initial' });
const before = story().events;
const told = story();
for (const { id } of erased) told.erased(id);
const { events } = told.aftermath();

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());
afterEach(() => resetReadModels(models.connection));

async function rowsOf(items: typeof events, size = items.length): Promise<Record<string, unknown[]>> {
  await resetReadModels(models.connection);
  const batches = async function* () {
    for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
  };
  let reached = 0;
  for await (const { sequence } of new Projector(models.connection, log, { retryDelaysMs: [] }).projectEach(batches(), size))
    reached = sequence;
  expect(reached).toBe(items.at(-1)!.sequence);
  return models.dump();
}

const query = (sql: string): Promise<Record<string, unknown>[]> => models.dataSource.query(sql);

describe('who was erased, of whom values were written before any were sealed', () => {
  const valuesOfThem = /canary|bird|[ex]-\d+@acme|not a number|R&D/i;

  test('stands in no row with a value; who was not, does', async () => {
    expect(JSON.stringify(await rowsOf(before))).toMatch(valuesOfThem);
    const rows = Object.entries(await rowsOf(events.slice(0, before.length + erased.length)));
    const causes = rows.flatMap(([table, lines]) =>
      table === 'cause' ? [] : (lines as string[]).filter((line) => !line.includes('W-1') && valuesOfThem.test(line)),
    );
    expect(causes).toEqual([]);
    expect(JSON.stringify(rows)).toContain('Witness Protected');
    expect(
      await query(`select kind, count(*)::int n from identity where object_key <> 'user:W-1' and kind in ('name', 'matching') group by 1`),
    ).toEqual([]);
    expect(
      await query(`select 1 from identity where object_key = 'user:W-1' and kind = 'name' and value = 'witness protected'`),
    ).toHaveLength(1);
  });

  test('keeps the skeleton: every event, every entry, how it went, and which attributes', async () => {
    const skeleton = async () => [
      await query(
        `select sequence, id, type, at, change_id, status, data ->> 'action' as action from audit_event where type <> '${PersonErased.type}' order by 1`,
      ),
      await query(
        `select change_id, action, status, reason, attempts, escrow, (select array_agg(each ->> 'attribute') from json_array_elements(modified) each) as changed
         from provisioning_entry order by 1`,
      ),
      await query('select job_id, object_key, cause_id, retries from escrow order by 2'),
    ];
    await rowsOf(before);
    const as = await skeleton();
    await rowsOf(events.slice(0, before.length + erased.length));
    expect(await skeleton()).toEqual(as);
    const [exported] = await query(`select data from audit_event where type = 'object-exported' and object_key = 'user:E-0'`);
    expect(exported!['data']).toMatchObject({
      displayName: '(erased)',
      action: 'create',
      targetId: 'w-E-0',
      changes: expect.arrayContaining([{ attribute: 'title', old: null, new: '(erased)' }]),
    });
  });

  test('is the same however the events come together, also where a change goes on afterwards', async () => {
    const expected = await rowsOf(events);
    for (const size of [1, 7, before.length, before.length + 3]) expect(await rowsOf(events, size)).toEqual(expected);
    await resetReadModels(models.connection);
    await new Projector(models.connection, log).project(events);
    expect(await models.dump()).toEqual(expected);
    await new Projector(models.connection, log).project(events);
    expect(await models.dump()).toEqual(expected);
  }, 120_000);
});
