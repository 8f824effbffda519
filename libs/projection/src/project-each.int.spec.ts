import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { LogEvent } from '@provident/contracts';
import fc from 'fast-check';

import { type LogItem, type Position, Projector, resetReadModels } from './index.js';
import { Flight } from './sql/flight.js';
import { type Person, plots, Story, type TestReadModels, testReadModels } from './testing/index.js';

const log = 'log-1';
const everybody: Person[] = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
const { events } = new Story().configured().cycle(everybody, { kind: 'initial', pageSize: 5 }).aftermath();

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());
afterEach(() => resetReadModels(models.connection));

async function* inBatches(items: readonly LogItem[], size: number): AsyncGenerator<readonly LogItem[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

async function whole(items: readonly LogItem[]): Promise<Record<string, unknown[]>> {
  await new Projector(models.connection, log, { retryDelaysMs: [] }).project(items);
  const rows = await models.dump();
  await resetReadModels(models.connection);
  return rows;
}

async function each(items: readonly LogItem[], size: number, full = size): Promise<Position[]> {
  const reached: Position[] = [];
  const projector = new Projector(models.connection, log, { retryDelaysMs: [] });
  for await (const position of projector.projectEach(inBatches(items, size), full)) reached.push(position);
  return reached;
}

test('batches that are folded while the one before is written leave the same rows as one', async () => {
  const expected = await whole(events);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), async (size, full) => {
      await resetReadModels(models.connection);
      const reached = await each(events, size, full);
      expect(reached.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: Math.ceil(events.length / size) }, (_, i) => Math.min((i + 1) * size, events.length)),
      );
      expect(await models.dump()).toEqual(expected);
    }),
    { numRuns: 15 },
  );
}, 120_000);

test.each([
  ['fold', (event: LogEvent) => ({ ...event, data: { ...(event.data as object), scope: null } })],
  ['database', (event: LogEvent) => ({ ...event, id: null as unknown as string })],
])('what the %s refuses is set aside alone, and what was folded behind it is folded again', async (_by, spoil) => {
  const at = events.findIndex(({ type }) => type === 'rule-evaluated');
  const poisoned = events.with(at, spoil(events[at]!));
  const expected = await whole(poisoned);
  expect(expected['unreadable_event']).toHaveLength(1);
  for (const size of [at, at + 1, 4]) {
    await each(poisoned, size);
    expect(await models.dump()).toEqual(expected);
    await resetReadModels(models.connection);
  }
});

test('somebody else who projects meanwhile is noticed, and nothing is in it twice', async () => {
  const expected = await whole(events);
  const other = new Projector(models.connection, log);
  async function* withCompany(): AsyncGenerator<readonly LogItem[]> {
    yield events.slice(0, 10);
    yield events.slice(10, 20);
    await other.project(events.slice(0, 33));
    yield events.slice(20, 30);
    yield events.slice(30);
  }
  const reached: number[] = [];
  for await (const { sequence } of new Projector(models.connection, log).projectEach(withCompany(), 10)) reached.push(sequence);
  expect(reached.at(-1)).toBe(events.length);
  expect(await models.dump()).toEqual(expected);
});

test('read models that were emptied meanwhile begin anew', async () => {
  const projector = new Projector(models.connection, log);
  await projector.project(events.slice(0, 10));
  await resetReadModels(models.connection);
  await projector.project(events.slice(0, 12));
  const [{ n }] = await models.dataSource.query('select count(*)::int as n from audit_event');
  expect(n).toBe(12);
});

test('a batch that nothing follows is written, and told of, without waiting for the next', async () => {
  let end = (): void => undefined;
  async function* silent(): AsyncGenerator<readonly LogItem[]> {
    yield events.slice(0, 10);
    await new Promise<void>((resolve) => {
      end = resolve;
    });
  }
  const following = new Projector(models.connection, log).projectEach(silent(), 10);
  expect((await following.next()).value).toMatchObject({ sequence: 10 });
  end();
  expect((await following.next()).done).toBe(true);
});

test('a database that goes away is told of, and the batches can be given again', async () => {
  const expected = await whole(events);
  let flights = 0;
  const failing = {
    query: (...args: unknown[]) => {
      if (args[0] instanceof Flight && ++flights === 3) {
        args[0].handleError(Object.assign(new Error('terminating connection'), { code: '57P01' }));
        return undefined;
      }
      return (models.connection.query as (...all: unknown[]) => unknown).apply(models.connection, args);
    },
  } as unknown as TestReadModels['connection'];
  const projector = new Projector(failing, log);
  const all = async (): Promise<void> => {
    for await (const _position of projector.projectEach(inBatches(events, 10), 10));
  };
  await expect(all()).rejects.toThrow('terminating connection');
  await all();
  expect(await models.dump()).toEqual(expected);
});
