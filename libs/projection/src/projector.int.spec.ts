import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEvent } from '@provident/contracts';
import fc from 'fast-check';

import { OtherLog, Projector, resetReadModels } from './index.js';
import { Flight } from './sql/flight.js';
import { type Person, plots, Story, type TestReadModels, testReadModels } from './testing/index.js';

const log = 'log-1';
const everybody: Person[] = plots.map((plot, i) => ({ plot, id: `E-${i}` }));

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());
afterEach(() => resetReadModels(models.connection));

async function replay(events: readonly LogEvent[], sizes: readonly number[] = [events.length]): Promise<Record<string, unknown[]>> {
  await resetReadModels(models.connection);
  let projector = new Projector(models.connection, log);
  for (let from = 0, i = 0; from < events.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    if (i % 3 === 2) projector = new Projector(models.connection, log); // a restart: nothing is remembered
    await projector.project(events.slice(from, from + size));
    from += size;
  }
  return await models.dump();
}

const everything = (): LogEvent[] => {
  const again: Person[] = [
    { plot: 'mover', id: 'E-0' },
    { plot: 'leaver', id: 'E-1' },
    { plot: 'gone', id: 'E-2' },
    { plot: 'joiner', id: 'E-3' },
  ];
  return new Story()
    .configured()
    .cycle(everybody, { kind: 'initial', pageSize: 5 })
    .failedCycle()
    .recovered()
    .disabled()
    .cycle(again)
    .aftermath().events;
};

const rows = <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => models.dataSource.query(sql, values);

describe('the read models', () => {
  test('are the same whatever the batches were, and whether or not the projector was restarted between them', async () => {
    const events = everything();
    const whole = await replay(events);
    expect(whole['audit_event']).toHaveLength(events.length);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), async (sizes) => {
        expect(await replay(events, sizes)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
    expect(await replay(events, [1])).toEqual(whole);
  }, 120_000);

  test('do not change when events come again, with or without new ones', async () => {
    const events = everything();
    const whole = await replay(events);
    const projector = new Projector(models.connection, log);
    await projector.project(events);
    await projector.project(events.slice(3));
    expect(await models.dump()).toEqual(whole);
    const overlapping = new Projector(models.connection, log);
    await resetReadModels(models.connection);
    for (let from = 0; from < events.length; from += 10) await overlapping.project(events.slice(Math.max(0, from - 7), from + 10));
    expect(await models.dump()).toEqual(whole);
  });

  test('count an open cycle as it runs, and take the closing tally for what it is', async () => {
    const events = new Story().configured().cycle(everybody, { kind: 'initial' }).events;
    const closing = events.findIndex(({ type }) => type === 'cycle-closed');
    const { tally } = events[closing]!.data as { tally: Record<string, number> };
    const projector = new Projector(models.connection, log);
    await projector.project(events.slice(0, closing));
    const tallies = `select state, balanced, ${Object.keys(tally).join(', ')} from cycle`;
    expect(await rows(tallies)).toEqual([{ state: 'running', balanced: null, ...tally }]);
    await projector.project(events.slice(closing));
    expect(await rows(tallies)).toEqual([{ state: 'entry-level-errors', balanced: true, ...tally }]);
  });

  test('end the cycle of a job that is deleted in the middle of it, also when it began long before', async () => {
    const events = new Story().configured().cycle(everybody).cycle(everybody, { close: false }).removed().events;
    const cycles = 'select state, closed_at, failure, balanced, created, skipped from cycle order by opened_sequence';
    const { at } = events.at(-1)!;
    for (const sizes of [[events.length], [1], [events.length - 1, 1]]) {
      await replay(events, sizes);
      const [before, brokenOff] = await rows<{ state: string; created: number; skipped: number }>(cycles);
      expect(before).toMatchObject({ state: 'entry-level-errors', balanced: true });
      expect(brokenOff).toMatchObject({ state: 'failed', closed_at: at, failure: { code: 'job-deleted' }, balanced: null });
      expect([brokenOff!.created, brokenOff!.skipped]).toEqual([before!.created, before!.skipped]);
    }
  });

  test('say so when a closing tally is not what the events add up to', async () => {
    const events = new Story().configured().cycle(everybody, { kind: 'initial' }).events;
    const closing = events.findIndex(({ type }) => type === 'cycle-closed');
    const wrong = structuredClone(events[closing]!) as LogEvent<{ tally: { created: number; skipped: number } }>;
    wrong.data.tally.created += 1;
    wrong.data.tally.skipped -= 1;
    await new Projector(models.connection, log).project(events.with(closing, wrong));
    expect(await rows('select balanced, created from cycle')).toEqual([{ balanced: false, created: wrong.data.tally.created }]);
  });

  test('keep one entry per change, through retries, releases and escrow', async () => {
    await replay(everything(), [4]);
    const entries = await rows<Record<string, unknown>>(
      `select source_id, action, status, reason, attempts, escrow from provisioning_entry where cycle_id like '%-c1' and source_id like 'E-%' order by source_id`,
    );
    const of = (plot: (typeof plots)[number]) => entries.find(({ source_id }) => source_id === `E-${plots.indexOf(plot)}`);
    expect(entries).toHaveLength(plots.length);
    expect(of('joiner')).toMatchObject({ action: 'create', status: 'success', reason: 'not-in-target', attempts: 1, escrow: null });
    expect(of('unchanged')).toMatchObject({ action: 'other', status: 'skipped', reason: 'nothing-differs' });
    expect(of('out-of-scope')).toMatchObject({ action: 'other', status: 'skipped', reason: 'out-of-scope' });
    expect(of('bad-record')).toMatchObject({ action: 'other', status: 'failure', reason: 'no-anchor', escrow: 'waiting' });
    expect(of('rejected')).toMatchObject({ action: 'create', status: 'success', attempts: 2, escrow: 'cleared' });
    expect(of('given-up')).toMatchObject({ action: 'create', status: 'failure', reason: 'invalid-value', attempts: 2, escrow: 'expired' });
    expect(of('held')).toMatchObject({ action: 'delete', status: 'success' });
    expect(of('deferred')).toMatchObject({ action: 'update', status: 'success', attempts: 1 });
  });

  test('count objects in scope, accounts and escrows by transition', async () => {
    await replay(everything(), [3]);
    const [counted] = await rows('select in_scope, linked, escrows from object_counter');
    const [actual] = await rows(
      `select (count(*) filter (where in_scope))::int as in_scope, count(target_id)::int as linked, (select count(*)::int from escrow where given_up_at is null) as escrows from object_state`,
    );
    expect(counted).toEqual(actual);
    expect(actual).toMatchObject({ escrows: 3 });
  });

  test('find an object by every identifier it ever had, and by its name from each of its words on', async () => {
    await replay(everything(), [6]);
    const known = await rows<{ kind: string; value: string }>(
      `select kind, value from identity where object_key = 'user:E-0' order by kind, value`,
    );
    expect(known).toEqual([
      { kind: 'matching', value: 'e-0@acme.test' },
      { kind: 'name', value: 'e-0 person' },
      { kind: 'name', value: 'person e-0' },
      { kind: 'source', value: 'E-0' },
      { kind: 'target', value: 'w-E-0' },
    ]);
  });

  test('keep text that Postgres cannot store, as far as it can be kept', async () => {
    const events = new Story().configured().cycle([{ plot: 'joiner', id: 'E-1', name: 'Ze\0ro \ud800 "q" \\u0000 \\ tab\t nl\n' }]).events;
    await replay(events, [2]);
    const [entry] = await rows<{ display_name: string }>('select display_name from provisioning_entry');
    expect(entry!.display_name).toBe('Ze\ufffdro \ufffd "q" \\u0000 \\ tab\t nl\n');
    expect(await rows('select * from unreadable_event')).toEqual([]);
  });
});

const poisoned = (): LogEvent[] => {
  const { events } = new Story().configured().cycle(everybody.slice(0, 6));
  const at = events.findIndex(({ type }) => type === 'rule-evaluated');
  const bad = structuredClone(events[at]!) as LogEvent<Record<string, unknown>>;
  bad.data['scope'] = null;
  return events.with(at, bad);
};

describe('an event that cannot be projected', () => {
  test('is tried three times, recorded and set aside, and the rest goes on', async () => {
    const events = poisoned();
    const bad = events.find(({ data }) => (data as { scope?: unknown }).scope === null)!;
    const told: number[] = [];
    const projector = new Projector(models.connection, log, { retryDelaysMs: [1, 1], onSetAside: ({ sequence }) => told.push(sequence) });
    expect(await projector.project(events)).toMatchObject({ sequence: events.at(-1)!.sequence });
    expect(told).toEqual([bad.sequence]);
    expect(await rows('select sequence, type, attempts, parked from unreadable_event')).toEqual([
      { sequence: bad.sequence, type: 'rule-evaluated', attempts: 3, parked: true },
    ]);
    expect(await rows('select count(*)::int as n from audit_event')).toEqual([{ n: events.length - 1 }]);
  });

  test('in the middle of a large batch takes nothing else with it', async () => {
    const people: Person[] = Array.from({ length: 300 }, (_, i) => ({ plot: 'joiner', id: `L-${i}` }));
    const { events } = new Story().configured().cycle(people);
    const bad = { ...events[700]!, data: { ...(events[700]!.data as object), changeId: 'odd', objectKey: null } };
    await new Projector(models.connection, log, { retryDelaysMs: [] }).project(events.with(700, bad));
    expect(await rows('select sequence, attempts, parked from unreadable_event')).toEqual([{ sequence: 701, attempts: 1, parked: true }]);
    expect(await rows('select count(*)::int as n from audit_event')).toEqual([{ n: events.length - 1 }]);
  });

  test('leaves the same rows behind wherever the batches ended', async () => {
    const events = poisoned();
    const whole = await replay(events);
    expect(await replay(events, [3, 1])).toEqual(whole);
  });

  test('is set aside too when only the database refuses it', async () => {
    const { events } = new Story()
      .configured()
      .cycle([{ plot: 'joiner', id: `E-${'x'.repeat(9_000)}${Array.from({ length: 3_000 }, () => Math.random()).join()}` }]);
    const projector = new Projector(models.connection, log, { retryDelaysMs: [] });
    await projector.project(events);
    const parked = await rows<{ reason: string }>('select reason from unreadable_event');
    expect(parked.length).toBeGreaterThan(0);
    expect(parked[0]!.reason).toContain('index');
  });

  test('that the bus could not even read is recorded as it came', async () => {
    const { events } = new Story().configured().cycle(everybody.slice(0, 2));
    const unreadable = { sequence: 3, reason: 'unknown event type provident.strange.v9' };
    await new Projector(models.connection, log).project([...events.slice(0, 2), unreadable, ...events.slice(3)]);
    expect(await rows('select sequence, reason, parked from unreadable_event')).toEqual([{ ...unreadable, parked: true }]);
  });
});

test('a position of another log is refused', async () => {
  const { events } = new Story().configured();
  await new Projector(models.connection, log).project(events);
  await expect(new Projector(models.connection, 'log-2').project(events)).rejects.toThrow(OtherLog);
});

test('a batch that the database breaks off leaves nothing behind and can be given again', async () => {
  const { events } = new Story().configured().cycle(everybody);
  const whole = await replay(events);
  await resetReadModels(models.connection);
  let broken = false;
  const failing = {
    query: (...args: unknown[]) => {
      const [first] = args;
      if (!broken && first instanceof Flight) {
        broken = true;
        first.handleError(Object.assign(new Error('terminating connection'), { code: '57P01' }));
        return undefined;
      }
      return (models.connection.query as (...all: unknown[]) => unknown).apply(models.connection, args);
    },
  } as unknown as TestReadModels['connection'];
  const projector = new Projector(failing, log);
  await expect(projector.project(events)).rejects.toThrow('terminating connection');
  expect(await rows('select count(*)::int as n from audit_event')).toEqual([{ n: 0 }]);
  await projector.project(events);
  expect(await models.dump()).toEqual(whole);
});
