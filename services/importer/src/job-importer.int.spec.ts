import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Appender, JobRegistry, connectBroker } from '@provident/bus';
import { MemoryLog, aJob, anInstant, jobConfigured, newEvent, objectFacts, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import {
  CycleOpened,
  type DataOf,
  ExportDeferred,
  ExportFailed,
  ImportCompleted,
  ImportFailed,
  ObjectExported,
  ObjectImportFailed,
  PageImported,
  RemovalHeld,
  RetryDue,
  SourceObjectImported,
  TargetObjectImported,
  type EventDefinition,
  jobLane,
  laneOf,
} from '@provident/contracts';
import { asCycleId, objectKeyOf } from '@provident/domain';
import { mapping, objectMapping } from '@provident/domain/testing';
import { type TestDatabase, testDatabase, testNatsUrl } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { type ImporterPorts, JobImporter } from './job-importer.js';
import { importerEntities, importerMigrations } from './state/schema.js';
import { apart } from './testing/apart.js';
import { MemorySource, personOf, sourceFailure } from './testing/memory-source.js';

const lanes = 4;
let server: TestDatabase;
let connection: Awaited<ReturnType<typeof connectBroker>>;
let database: DataSource;
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
let stops: (() => Promise<unknown>)[];
let ending: AbortController;
let registry: JobRegistry;
let rules: number;

beforeAll(async () => {
  connection = await connectBroker(testNatsUrl(), 'spec');
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'importer', entities: importerEntities, migrations: importerMigrations });
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query(
    'TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, seen, listed_account, listed_value, reference_given, membership',
  );
  log = new MemoryLog();
  source = new MemorySource();
  target = new MemoryTarget();
  stops = [];
  ending = new AbortController();
  [rules = 0] = await tell(log, jobConfigured({ lanes }));
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
});
afterEach(async () => {
  log.fault = null;
  await Promise.allSettled(stops.map((stop) => stop()));
  ending.abort();
});

/** One run of the importer, as the pool would start it. */
function start() {
  const stop = new AbortController();
  const ports = {
    log,
    database,
    connection: apart(connection),
    registry,
    appender: new Appender(log),
    now: () => new Date(anInstant),
    assertHeld: () => undefined,
    config: { SOURCE_TIMEOUT_MS: 1_000, TARGET_TIMEOUT_MS: 1_000 },
    open: {
      source: async () => source.open(),
      target: async () => target,
    },
  };
  const ended = new JobImporter(aJob, ports as unknown as ImporterPorts).run(stop.signal);
  ended.catch(() => undefined);
  const running = { ended, stop: () => (stop.abort(), ended) };
  stops.push(running.stop);
  return running;
}

/** Starts it again whenever it fails, as the pool does. */
function keepRunning(): void {
  const over = new AbortController();
  const looping = (async () => {
    while (!over.signal.aborted) {
      const running = start();
      over.signal.addEventListener('abort', () => void running.stop().catch(() => undefined), { once: true });
      await running.ended.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  stops.unshift(() => (over.abort(), looping));
}

const all = <Type extends string, Data>(definition: EventDefinition<Type, Data>): Data[] =>
  log.events.filter((event) => event.type === definition.type).map((event) => event.data as Data);
const openCycle = (cycleId: string, kind: 'initial' | 'incremental' = 'initial', watermark: Record<string, unknown> | null = null) =>
  tell(
    log,
    newEvent(
      CycleOpened,
      { jobId: aJob, cycleId: asCycleId(cycleId), kind, rules, watermark, by: { kind: 'system', name: 'provident' } },
      { lane: jobLane, stage: 'job-scheduler', id: `${cycleId}.opened` },
    ),
  );
const ofCycle = <Data extends { cycleId: string }>(events: readonly Data[], cycleId: string): Data[] =>
  events.filter((each) => each.cycleId === cycleId);
const endOf = (cycleId: string) =>
  eventually(() => ofCycle([...all(ImportCompleted), ...all(ImportFailed)], cycleId)[0] as DataOf<typeof ImportCompleted> | undefined);
const failureOf = async (cycleId: string) => (await endOf(cycleId)) as unknown as DataOf<typeof ImportFailed>;
const cycle = async (cycleId: string, kind: 'initial' | 'incremental' = 'initial') => {
  await openCycle(cycleId, kind);
  return endOf(cycleId);
};
/** What was said of whom in a cycle: change and anchor. */
const changes = (cycleId: string): string[] =>
  ofCycle(all(SourceObjectImported), cycleId)
    .map(({ change, sourceId }) => `${change} ${sourceId}`)
    .sort();
const exporter = (anchor: string, targetId: string, action: 'create' | 'delete' = 'create') => {
  const facts = objectFacts(anchor);
  return newEvent(
    ObjectExported,
    { ...facts, sourceId: anchor, action, targetId, changes: [], enabled: false, durationMs: 1 },
    { lane: laneOf(facts.objectKey, lanes), stage: 'exporter', id: `${anchor}.export` },
  );
};
const rowsOf = <Row>(table: string) => database.query<Row[]>(`SELECT * FROM ${table} ORDER BY 1, 2`);

describe('a first cycle', () => {
  test('imports everybody with what the target holds, page by page, and says so', async () => {
    source.put('1', '2', '3');
    target.put('t-9', { userName: 'p2', 'name.givenName': 'Jane' });
    start();
    const end = await cycle('c-1');
    expect(end).toMatchObject({ read: 3, imported: 3, failed: 0, gone: 0, absenceWithheld: null, watermark: { read: 1 } });
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3']);
    const found = all(TargetObjectImported).map(({ objectKey, by, matches }) => [objectKey, by, matches.map(({ id }) => id)]);
    expect(found.sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))).toEqual([
      ['user:1', 'none', []],
      ['user:2', 'matching', ['t-9']],
      ['user:3', 'none', []],
    ]);
    expect(all(PageImported).map(({ page, read, imported, total }) => [page, read, imported, total])).toEqual([
      [1, 2, 2, 3],
      [2, 3, 3, 3],
    ]);
  });

  test('puts both halves of a person side by side in the lane of that person', async () => {
    source.put(...Array.from({ length: 12 }, (_, at) => String(at)));
    start();
    await cycle('c-1');
    for (const lane of ['0', '1', '2', '3']) {
      const inLane = log.events.filter((event) => event.lane === lane);
      for (let at = 0; at < inLane.length; at += 2) {
        const [first, second] = [inLane[at]!, inLane[at + 1]!];
        expect([first.type, second.type]).toEqual([SourceObjectImported.type, TargetObjectImported.type]);
        expect((second.data as { objectKey: string }).objectKey).toBe((first.data as { objectKey: string }).objectKey);
        expect(laneOf(objectKeyOf('user', (first.data as { sourceId: string }).sourceId), lanes)).toBe(lane);
      }
    }
  });

  test('of an empty source ends well', async () => {
    start();
    expect(await cycle('c-1')).toMatchObject({ read: 0, imported: 0 });
  });

  test('lists the target once when that takes fewer requests, and asks for each otherwise', async () => {
    source.put('1', '2', '3', '4');
    for (let at = 0; at < 40; at++) target.put(`t-${at}`, { userName: `other${at}` });
    start();
    await cycle('c-1');
    expect(target.calls.filter((call) => call.startsWith('list'))).toEqual(['list']);
    expect(target.calls.filter((call) => call.startsWith('find'))).toEqual([]);
    await eventually(async () => (await rowsOf('listed_account')).length === 0);
  });
});

describe('a cycle under other rules', () => {
  const reconfigure = async (object: Parameters<typeof objectMapping>[0]): Promise<void> => {
    [rules = 0] = await tell(log, jobConfigured({ lanes, objects: [objectMapping(object)] }, 2));
  };
  const inFinance = { name: 'Finance', all: [{ attribute: 'lastName', operator: 'NOT EQUALS' as const, value: 'Doe 2' }] };
  const plus = (more: Parameters<typeof mapping>[1]) => [...objectMapping().attributes, mapping('title', more)];
  const judged = async (cycleId: string) => {
    await openCycle(cycleId, 'incremental', { read: 1 });
    return endOf(cycleId);
  };

  beforeEach(async () => {
    source.put('1', '2', '3');
    start();
    await cycle('c-1');
    await tell(log, exporter('1', 't-1'), exporter('2', 't-2'), exporter('3', 't-3'));
    for (const anchor of ['1', '2', '3']) target.put(`t-${anchor}`, { userName: `p${anchor}` });
    source.kind = 'none';
    target.calls.length = 0;
  });

  test('looks again only at those who fare differently, with what is known of them, and does not read the source', async () => {
    await reconfigure({ scope: [inFinance] });
    expect(await judged('c-2')).toMatchObject({ read: 0, imported: 1, gone: 0, reevaluated: 3 });
    expect(source.reads.at(-1)).toMatchObject({ watermark: { read: 1 } });
    expect(ofCycle(all(SourceObjectImported), 'c-2')).toMatchObject([
      { change: 'again', sourceId: '2', rules, attributes: { lastName: 'Doe 2' } },
    ]);
    expect(target.calls.filter((call) => call !== 'count')).toEqual(['read t-2']);
    expect(await judged('c-3')).toMatchObject({ imported: 0, reevaluated: 0 });
  });

  test('that mean the same to everybody says nothing of anybody', async () => {
    await reconfigure({ attributes: plus({ source: 'nickName', apply: 'on-create' }).slice(0, 3), displayName: 'firstName' });
    expect(await judged('c-2')).toMatchObject({ imported: 0, reevaluated: 3 });
    expect(target.calls).toEqual(['count']);
  });

  test('that need more than was read before reads the source whole, once', async () => {
    source.people.set('3', personOf('3', { nickName: 'Jay' }));
    source.kind = 'snapshot';
    await reconfigure({ attributes: plus({ source: 'nickName' }) });
    expect(await judged('c-2')).toMatchObject({ read: 3, imported: 1, gone: 0, reevaluated: 2 });
    expect(source.reads.at(-1)).toMatchObject({ watermark: null, attributes: expect.arrayContaining(['nickName']) });
    expect(changes('c-2')).toEqual(['updated 3']);
    await judged('c-3');
    expect(source.reads.at(-1)).toMatchObject({ watermark: { read: 1 } });
  });

  test('that need less takes nobody for changed whose record merely is shorter', async () => {
    await reconfigure({ attributes: objectMapping().attributes.filter(({ target: name }) => name !== 'name.givenName') });
    for (const [anchor, { firstName: _, ...rest }] of source.people) source.people.set(anchor, rest);
    source.people.set('2', { ...source.people.get('2'), lastName: 'Married' });
    source.kind = 'snapshot';
    expect(await judged('c-2')).toMatchObject({ read: 3, imported: 1, reevaluated: 2 });
    expect(changes('c-2')).toEqual(['updated 2']);
    // The first name was not looked at for a while: whoever needs it again has to ask the source.
    await reconfigure({});
    expect(await judged('c-3')).toMatchObject({ read: 3 });
    expect(source.reads.at(-1)).toMatchObject({ watermark: null });
  });

  test('looks again at everybody who failed in the target: the rules may have been changed for that', async () => {
    const facts = objectFacts('3');
    const failure = { kind: 'rejected' as const, code: 'too-long', message: 'the title is too long' };
    await tell(
      log,
      newEvent(
        ExportFailed,
        { ...facts, sourceId: '3', action: 'update', targetId: 't-3', changes: [], failure, durationMs: 1 },
        { lane: laneOf(facts.objectKey, lanes), stage: 'exporter', id: '3.failed' },
      ),
    );
    await reconfigure({ removals: { inactive: 'ignore' } });
    expect(await judged('c-2')).toMatchObject({ imported: 1, reevaluated: 3 });
    expect(changes('c-2')).toEqual(['again 3']);
  });

  test('takes up an account that was left alone when its person went', async () => {
    await reconfigure({ removals: { deleted: 'ignore' } });
    await judged('c-2');
    source.kind = 'snapshot';
    source.people.delete('1');
    expect(await judged('c-3')).toMatchObject({ gone: 1 });
    source.kind = 'none';
    await reconfigure({});
    expect(await judged('c-4')).toMatchObject({ imported: 1 });
    expect(changes('c-4')).toEqual(['deleted 1']);
  });

  test('lists the target once when many fare differently', async () => {
    for (let at = 10; at < 40; at++) source.put(String(at));
    source.kind = 'snapshot';
    await cycle('c-2', 'incremental');
    source.kind = 'none';
    target.calls.length = 0;
    await reconfigure({ attributes: plus({ constant: 'Staff' }) });
    expect(await judged('c-3')).toMatchObject({ imported: 33, reevaluated: 33 });
    expect(target.calls.filter((call) => call.startsWith('list'))).toEqual(['list']);
  });

  test('whose import failed is made up for by the next', async () => {
    await reconfigure({ attributes: plus({ constant: 'Staff' }) });
    target.failNext('count', 'rejected');
    await openCycle('c-2', 'incremental', { read: 1 });
    expect(await failureOf('c-2')).toMatchObject({ side: 'target' });
    expect(await judged('c-3')).toMatchObject({ imported: 3, reevaluated: 3 });
    expect(await judged('c-4')).toMatchObject({ imported: 0, reevaluated: 0 });
  });
});

describe('a later cycle', () => {
  beforeEach(async () => {
    source.put('1', '2', '3');
    start();
    await cycle('c-1');
  });

  test('imports only who has changed, and hands the watermark to the source', async () => {
    source.people.set('2', personOf('2', { lastName: 'Married' }));
    source.put('4');
    await openCycle('c-2', 'incremental', { read: 1 });
    expect(await endOf('c-2')).toMatchObject({ read: 4, imported: 2, gone: 0 });
    expect(changes('c-2')).toEqual(['added 4', 'updated 2']);
    expect(source.reads.at(-1)).toMatchObject({ watermark: { read: 1 }, resumeAt: null });
  });

  test('takes who is absent from a complete read for gone, with the values last known', async () => {
    source.people.delete('2');
    expect(await cycle('c-2', 'incremental')).toMatchObject({ read: 2, imported: 1, gone: 1 });
    expect(ofCycle(all(SourceObjectImported), 'c-2')).toMatchObject([
      { change: 'deleted', sourceId: '2', attributes: { lastName: 'Doe 2' } },
    ]);
    expect(await cycle('c-3', 'incremental')).toMatchObject({ imported: 0, gone: 0 });
    source.put('2');
    await cycle('c-4', 'incremental');
    expect(changes('c-4')).toEqual(['added 2']);
  });

  test('takes up again who was gone without an account, and was given one by a write that was under way', async () => {
    source.people.delete('2');
    expect(await cycle('c-2', 'incremental')).toMatchObject({ imported: 1, gone: 1 });
    target.put('t-2', { userName: 'p2' });
    await tell(log, exporter('2', 't-2'));
    expect(await cycle('c-3', 'incremental')).toMatchObject({ imported: 1 });
    expect(changes('c-3')).toEqual(['deleted 2']);
    expect(ofCycle(all(TargetObjectImported), 'c-3')).toMatchObject([{ by: 'link', linkedId: 't-2' }]);
    expect(await cycle('c-4', 'incremental')).toMatchObject({ imported: 0 });
  });

  test('takes nobody for gone when only changes are read, but who is reported as removed', async () => {
    source.kind = 'delta';
    source.people.clear();
    source.removed = ['3', 'never-known'];
    expect(await cycle('c-2', 'incremental')).toMatchObject({ imported: 1, gone: 0 });
    expect(changes('c-2')).toEqual(['deleted 3']);
  });

  test('in which nothing has changed imports nobody and keeps the watermark', async () => {
    source.kind = 'none';
    await openCycle('c-2', 'incremental', { read: 1 });
    expect(await endOf('c-2')).toMatchObject({ read: 0, imported: 0, gone: 0, watermark: { read: 1 } });
  });

  test('takes nobody for gone while a record without a key cannot be read', async () => {
    source.people.delete('2');
    source.failures = [{ anchor: null, code: 'missing-anchor', message: 'line 3 has no id', place: 'line 3' }];
    expect(await cycle('c-2', 'incremental')).toMatchObject({
      imported: 1,
      failed: 1,
      gone: 0,
      absenceWithheld: expect.stringMatching(/nobody can say whose/),
    });
    expect(changes('c-2')).toEqual([]);
  });

  test('does not take for gone whose own record cannot be read', async () => {
    source.people.delete('2');
    source.failures = [{ anchor: '2', code: 'wrong-field-count', message: 'line 3 is short', place: 'line 3' }];
    expect(await cycle('c-2', 'incremental')).toMatchObject({ imported: 1, failed: 1, gone: 0, absenceWithheld: null });
    expect(all(ObjectImportFailed)).toMatchObject([
      { objectKey: 'user:2', side: 'source', place: 'line 3', failure: { kind: 'invalid-source' } },
    ]);
    source.failures = [];
    source.put('2');
    await cycle('c-3', 'incremental');
    expect(changes('c-3')).toEqual(['updated 2']);
  });

  test('refuses a source that is suddenly empty', async () => {
    source.people.clear();
    await openCycle('c-3', 'incremental');
    expect(await failureOf('c-3')).toMatchObject({ side: 'source', failure: { code: 'source-empty' } });
    expect(changes('c-3')).toEqual([]);
  });

  test.each([0, 1])('whose source fails at page %d says so, and takes nobody for gone', async (at) => {
    source.people.delete('1');
    source.put('5', '6');
    source.beforePage = (page) => {
      if (page === at) throw sourceFailure();
    };
    await openCycle('c-2', 'incremental');
    expect(await failureOf('c-2')).toMatchObject({ side: 'source', failure: { kind: 'unavailable' } });
    expect(changes('c-2').filter((change) => change.startsWith('deleted'))).toEqual([]);
    source.beforePage = () => undefined;
    await cycle('c-3', 'incremental');
    expect(changes('c-3')).toContain('deleted 1');
  });

  test('fails when the target is down, even though nothing has changed', async () => {
    for (let attempt = 0; attempt < 4; attempt++) target.failNext('count', 'unavailable');
    await openCycle('c-2', 'incremental');
    expect(await failureOf('c-2')).toMatchObject({ side: 'target', failure: { kind: 'unavailable' } });
  });

  test('reads the account behind the link, and unlinks who was deleted', async () => {
    await tell(log, exporter('1', 't-77'));
    target.put('t-77', { userName: 'renamed-by-hand' });
    source.people.set('1', personOf('1', { lastName: 'New' }));
    await cycle('c-2', 'incremental');
    expect(ofCycle(all(TargetObjectImported), 'c-2')).toMatchObject([{ by: 'link', linkedId: 't-77', matches: [{ id: 't-77' }] }]);
    await tell(log, exporter('1', 't-77', 'delete'));
    source.people.set('1', personOf('1', { lastName: 'Newer' }));
    await cycle('c-3', 'incremental');
    expect(ofCycle(all(TargetObjectImported), 'c-3')).toMatchObject([{ by: 'none', linkedId: null }]);
  });

  test('lets one person’s failed look-up stand for that person alone', async () => {
    source.people.set('1', personOf('1', { lastName: 'New' }));
    source.people.set('2', personOf('2', { lastName: 'New' }));
    target.failNext('find', 'rejected');
    expect(await cycle('c-2', 'incremental')).toMatchObject({ imported: 2, failed: 1 });
    expect(ofCycle(all(ObjectImportFailed), 'c-2')).toMatchObject([{ side: 'target', failure: { kind: 'rejected' } }]);
    expect(ofCycle(all(TargetObjectImported), 'c-2')).toHaveLength(1);
  });
});

test('two people who match one account: the first keeps it, the other fails with both names', async () => {
  source.pageSize = 1;
  source.people.set('1', personOf('1', { email: 'shared' }));
  source.people.set('2', personOf('2', { email: 'shared' }));
  target.put('t-1', { userName: 'shared' });
  start();
  expect(await cycle('c-1')).toMatchObject({ imported: 2, failed: 1 });
  expect(all(ObjectImportFailed)).toMatchObject([
    { objectKey: 'user:2', failure: { kind: 'ambiguous-match', message: expect.stringMatching(/user:1.*user:2/) } },
  ]);
});

describe('a crash', () => {
  /** Lets the n-th append of the importer fail so. */
  const failAppend = (nth: number, how: 'lost' | 'unanswered') => {
    let appends = 0;
    log.fault = async (events, store) => {
      if (events[0]!.stage !== 'importer' || ++appends !== nth) return store();
      if (how === 'unanswered') store();
      throw new Error('died');
    };
  };

  test.each(
    [1, 2, 3, 4].flatMap((nth): [number, 'lost' | 'unanswered'][] => [
      [nth, 'lost'],
      [nth, 'unanswered'],
    ]),
  )('at append %d that was %s repeats nobody and misses nobody', async (nth, how) => {
    source.put('1', '2', '3', '4', '5');
    failAppend(nth, how);
    await openCycle('c-1');
    const first = start();
    await expect(first.ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await endOf('c-1')).toMatchObject({ read: 5, imported: 5 });
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3', 'added 4', 'added 5']);
    expect(all(ImportCompleted)).toHaveLength(1);
  });

  test.each(
    [1, 2].flatMap((nth): [number, 'lost' | 'unanswered'][] => [
      [nth, 'lost'],
      [nth, 'unanswered'],
    ]),
  )('while others are judged by new rules (append %d that was %s) repeats nobody and misses nobody', async (nth, how) => {
    source.put(...Array.from({ length: 420 }, (_, at) => String(at)));
    source.pageSize = 420;
    const first = start();
    await cycle('c-1');
    await first.stop();
    source.kind = 'none';
    const title = mapping('title', { constant: 'Staff' });
    [rules = 0] = await tell(
      log,
      jobConfigured({ lanes, objects: [objectMapping({ attributes: [...objectMapping().attributes, title] })] }, 2),
    );
    failAppend(nth, how);
    await openCycle('c-2', 'incremental', { read: 1 });
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await endOf('c-2')).toMatchObject({ imported: 420, reevaluated: 420 });
    expect(new Set(changes('c-2')).size).toBe(420);
    expect(changes('c-2')).toHaveLength(420);
  });

  test.each([1, 2])('while the absent are taken up (append %d) repeats nobody and misses nobody', async (nth) => {
    source.put('1', '2', '3', '4', '5');
    const first = start();
    await cycle('c-1');
    await first.stop();
    source.people = new Map([['1', personOf('1')]]);
    failAppend(nth, 'unanswered');
    await openCycle('c-2', 'incremental');
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await endOf('c-2')).toMatchObject({ imported: 4, gone: 4 });
    expect(changes('c-2')).toEqual(['deleted 2', 'deleted 3', 'deleted 4', 'deleted 5']);
  });

  test.each(['lost', 'unanswered'] as const)('among the parts of a large page (%s) repeats nobody and misses nobody', async (how) => {
    const anchors = Array.from({ length: 700 }, (_, at) => String(at));
    source.pageSize = 700;
    source.put(...anchors);
    failAppend(how === 'lost' ? 2 : 1, how);
    await openCycle('c-1');
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await endOf('c-1')).toMatchObject({ read: 700, imported: 700 });
    expect(changes('c-1')).toEqual(anchors.map((anchor) => `added ${anchor}`).sort());
  });

  test('does not make the importer forget that a record could not be read', async () => {
    source.put('1', '2', '3', '4');
    const first = start();
    await cycle('c-1');
    await first.stop();
    source.people.delete('4');
    source.failures = [{ anchor: null, code: 'missing-anchor', message: 'line 3 has no id', place: 'line 3' }];
    failAppend(2, 'lost');
    await openCycle('c-2', 'incremental');
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await endOf('c-2')).toMatchObject({ gone: 0, absenceWithheld: expect.any(String) });
    expect(changes('c-2')).toEqual([]);
  });

  test('of an importer whose last page arrives late: the successor neither repeats it nor is disturbed', async () => {
    source.put('1', '2', '3', '4');
    let arrive: (() => void) | null = null;
    log.fault = async (events, store) => {
      if (events[0]!.stage !== 'importer' || arrive) return store();
      return new Promise<number[]>((resolve, reject) => {
        arrive = () => {
          try {
            resolve(store());
          } catch (error) {
            reject(error as Error);
          }
        };
      });
    };
    await openCycle('c-1');
    keepRunning();
    await eventually(() => arrive);
    // The successor has taken over and reads its first page when the predecessor's append arrives.
    let late = true;
    source.beforePage = async () => {
      if (late) arrive!();
      late = false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    keepRunning();
    await endOf('c-1');
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3', 'added 4']);
  });
});

describe('what is asked for again', () => {
  const ask = (anchor: string, definition: typeof RetryDue | typeof ExportDeferred, more: { attempt?: number; round?: number } = {}) => {
    const facts = objectFacts(anchor, { rules, ...more });
    const data =
      definition === RetryDue
        ? { ...facts, sourceId: anchor, firstFailedAt: anInstant, wokenBy: 'ladder' }
        : { ...facts, sourceId: anchor, action: 'update', reason: { code: 'newer-export', text: '' } };
    return tell(
      log,
      newEvent(definition as EventDefinition, data, {
        lane: laneOf(facts.objectKey, lanes),
        stage: definition === RetryDue ? 'escrow-retrier' : 'exporter',
        id: `${anchor}.ask`,
      }),
    );
  };
  const again = () => all(SourceObjectImported).filter(({ attempt, round }) => attempt > 0 || round > 0);

  test('is imported with the newest values and what the target holds now', async () => {
    source.put('1', '2');
    start();
    await cycle('c-1');
    target.put('t-1', { userName: 'p1' });
    const [sequence] = await ask('1', RetryDue, { attempt: 2 });
    await eventually(() => again().length === 1);
    expect(again()).toMatchObject([
      { change: 'again', sourceId: '1', attempt: 2, round: 0, cycleId: 'c-1', attributes: { lastName: 'Doe 1' } },
    ]);
    expect(all(TargetObjectImported).at(-1)).toMatchObject({ by: 'matching', attempt: 2, matches: [{ id: 't-1' }] });
    expect(log.events.filter(({ cause }) => cause === sequence)).toHaveLength(2);
    await eventually(async () => (await rowsOf('again')).length === 0);
  });

  test('because a decision did not hold any more goes into the next round', async () => {
    source.put('1');
    start();
    await cycle('c-1');
    await ask('1', ExportDeferred, { round: 1 });
    await eventually(() => again()[0]);
    expect(again()).toMatchObject([{ attempt: 0, round: 2 }]);
  });

  test('is imported once, also when the importer dies right after it said so', async () => {
    source.put('1');
    const first = start();
    await cycle('c-1');
    await first.stop();
    await ask('1', RetryDue, { attempt: 1 });
    log.fault = async (events, store) => {
      store();
      throw new Error(`died after ${events.length}`);
    };
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    await cycle('c-2', 'incremental');
    expect(again()).toHaveLength(1);
  });

  test('as a retry of an earlier cycle does not make the open one take its object up a second time', async () => {
    source.put('1', '2', '3', '4', '5');
    start();
    await cycle('c-1');
    source.people.set('1', personOf('1', { lastName: 'New' }));
    const facts = { ...objectFacts('1', { rules, attempt: 1 }), sourceId: '1', targetId: 't-1', reason: { code: 'not-active', text: '' } };
    const held = newEvent(RemovalHeld, { ...facts, action: 'disable' }, { lane: laneOf(facts.objectKey, lanes), stage: 'exporter' });
    source.beforePage = async (page) => {
      if (page === 1) {
        await ask('1', RetryDue, { attempt: 1 });
        await eventually(async () => (await rowsOf('again')).length === 1);
      }
      if (page !== 2) return;
      expect(again()).toHaveLength(1);
      await tell(log, held);
      await eventually(async () => (await rowsOf<{ late: boolean }>('source_object')).some(({ late }) => late));
    };
    expect(await cycle('c-2', 'incremental')).toMatchObject({ imported: 1 });
    expect(again()).toHaveLength(1);
    expect(changes('c-2')).toEqual(['updated 1']);
  });

  test('of somebody unknown to the source says why', async () => {
    start();
    await ask('9', RetryDue, { attempt: 1 });
    await eventually(() => all(ObjectImportFailed)[0]);
    expect(all(ObjectImportFailed)).toMatchObject([
      { objectKey: 'user:9', side: 'source', attempt: 1, failure: { kind: 'invalid-source' } },
    ]);
  });

  test('does not disturb the cycle that is running under older rules', async () => {
    source.put('1', '2', '3', '4', '5', '6');
    const first = start();
    await cycle('c-1');
    await first.stop();
    let pages = 0;
    source.beforePage = async () => {
      if (++pages !== 2) return;
      await tell(log, jobConfigured({ lanes, schedule: { every: '20m' } }, 2));
      await ask('1', RetryDue, { attempt: 1 });
      await eventually(() => registry.find(aJob)!.configured.revision === 2);
      await eventually(async () => (await rowsOf('again')).length === 1);
    };
    source.people = new Map([...source.people].map(([anchor]) => [anchor, personOf(anchor, { lastName: 'New' })]));
    await openCycle('c-2', 'incremental');
    start();
    expect(await endOf('c-2')).toMatchObject({ read: 6, imported: 6 });
    await eventually(() => again().length === 1);
  });

  test('during a cycle carries what the cycle has just read, and not what was known before', async () => {
    source.put('1', '2', '3');
    const first = start();
    await cycle('c-1');
    await first.stop();
    source.people.set('1', personOf('1', { lastName: 'New' }));
    source.beforePage = async (page) => {
      if (page !== 0) return;
      await ask('1', RetryDue, { attempt: 1 });
      await eventually(async () => (await rowsOf('again')).length === 1);
    };
    await openCycle('c-2', 'incremental');
    start();
    await endOf('c-2');
    await eventually(() => again().length === 1);
    source.beforePage = () => undefined;
    expect(again()[0]?.attributes['lastName']).toBe('New');
    await cycle('c-3', 'incremental');
    expect(changes('c-3')).toEqual([]);
  });
});

test('a stop in the middle of a cycle is no failure, and the next run ends it', async () => {
  source.put('1', '2', '3', '4', '5', '6');
  let reached = (): void => undefined;
  const atSecond = new Promise<void>((resolve) => (reached = resolve));
  source.beforePage = async (page) => {
    if (page !== 1) return;
    reached();
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await openCycle('c-1');
  const first = start();
  await atSecond;
  await expect(first.stop()).resolves.toBeUndefined();
  source.beforePage = () => undefined;
  start();
  expect(await endOf('c-1')).toMatchObject({ imported: 6 });
  expect(changes('c-1')).toHaveLength(6);
});
