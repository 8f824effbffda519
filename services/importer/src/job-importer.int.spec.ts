import { setTimeout as delay } from 'node:timers/promises';

import { beforeEach, describe, expect, test } from '@jest/globals';
import { type MemoryLog, aJob, anInstant, newEvent, objectFacts, tell } from '@provident/bus/testing';
import { ConnectorError, listingMoved } from '@provident/connectors';
import type { MemoryTarget } from '@provident/connectors/testing';
import {
  ExportDeferred,
  ExportFailed,
  ImportCompleted,
  JobStateChanged,
  ObjectExported,
  ObjectImportFailed,
  PageImported,
  RemovalHeld,
  RetryDue,
  SourceObjectImported,
  TargetObjectImported,
  type EventDefinition,
  configLane,
  laneOf,
} from '@provident/contracts';
import { objectKeyOf } from '@provident/domain';
import { mapping, objectMapping } from '@provident/domain/testing';
import { eventually } from '@provident/testing';

import { ImporterAtWork, kim } from './testing/importer-at-work.js';
import { type MemorySource, personOf, sourceFailure } from './testing/memory-source.js';

const lanes = 4;
const importer = new ImporterAtWork();
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
beforeEach(async () => {
  ({ log, source, target } = importer);
  await importer.configure({ lanes });
});

/** What was said of whom in a cycle: change and anchor. */
const changes = (cycleId: string): string[] =>
  importer
    .allOf(cycleId, SourceObjectImported)
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
/** Has the job paused, stopped or started, and waits until importers know it. */
const inState = async (state: 'active' | 'paused' | 'stopped'): Promise<void> => {
  const changed = newEvent(
    JobStateChanged,
    { jobId: aJob, state, by: kim },
    { lane: configLane, stage: 'job-scheduler', id: `now.${state}` },
  );
  await tell(log, changed);
  await eventually(() => importer.registry.find(aJob)?.state === state);
};
const rowsOf = <Row>(table: string) => importer.database.query<Row[]>(`SELECT * FROM ${table} ORDER BY 1, 2`);

describe('two people of one name', () => {
  const linkOf = async () =>
    Object.fromEntries(
      (await rowsOf<{ object_key: string; target_id: string | null }>('source_object')).map((row) => [row.object_key, row.target_id]),
    );

  test('never share an account: whoever is first in the log keeps it, the other is refused by name, and both are looked at again', async () => {
    source.put('1');
    importer.start();
    await importer.import('c-1', 'initial');
    // Made for the first, and seen by the second before the log tells whose it is.
    target.put('t-1', { userName: 'p2' });
    source.put('2');
    await importer.openCycle('c-2');
    await importer.endOf('c-2');
    await tell(log, exporter('1', 't-1'));
    await importer.import('c-3');
    expect(await linkOf()).toEqual({ 'user:1': null, 'user:2': 't-1' });
    expect(changes('c-3')).toEqual(['again 1', 'again 2']);
  });
});

describe('a first cycle', () => {
  test('imports everybody with what the target holds, page by page, and says so', async () => {
    source.put('1', '2', '3');
    target.put('t-9', { userName: 'p2', 'name.givenName': 'Jane' });
    importer.start();
    const end = await importer.import('c-1', 'initial');
    expect(end).toMatchObject({ read: 3, imported: 3, failed: 0, gone: 0, absenceWithheld: null, watermark: { read: 1 } });
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3']);
    const found = importer.all(TargetObjectImported).map(({ objectKey, by, matches }) => [objectKey, by, matches.map(({ id }) => id)]);
    expect(found.sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))).toEqual([
      ['user:1', 'none', []],
      ['user:2', 'matching', ['t-9']],
      ['user:3', 'none', []],
    ]);
    expect(importer.all(PageImported).map(({ page, read, imported, total }) => [page, read, imported, total])).toEqual([
      [1, 2, 2, 3],
      [2, 3, 3, 3],
    ]);
  });

  test('puts both halves of a person side by side in the lane of that person', async () => {
    source.put(...Array.from({ length: 12 }, (_, at) => String(at)));
    importer.start();
    await importer.import('c-1', 'initial');
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
    importer.start();
    expect(await importer.import('c-1', 'initial')).toMatchObject({ read: 0, imported: 0 });
  });

  test('lists the target once when that takes fewer requests, and asks for each otherwise', async () => {
    source.put('1', '2', '3', '4');
    for (let at = 0; at < 40; at++) target.put(`t-${at}`, { userName: `other${at}` });
    importer.start();
    await importer.import('c-1', 'initial');
    expect(target.calls.filter((call) => call.startsWith('list'))).toEqual(['list']);
    expect(target.calls.filter((call) => call.startsWith('find'))).toEqual([]);
    await eventually(async () => (await rowsOf('listed_account')).length === 0);
  });

  test.each([
    ['is listed again', 1, []],
    ['is asked for each when that goes on', 2, ['find p4', 'find p5', 'find p6', 'find p7']],
  ])('a target whose accounts change places while it is listed %s: nobody there is taken for absent', async (_, times, asked) => {
    target.put('t-x', { userName: 'p4' });
    source.put('4', '5', '6', '7');
    for (let at = 0; at < times; at++) {
      target.faults.push({
        on: 'list',
        fault: () => {
          throw new ConnectorError({ kind: 'protocol', code: listingMoved, message: 'they moved' });
        },
      });
    }
    importer.start();
    await importer.import('c-1', 'initial');
    expect(target.calls.filter((call) => call.startsWith('list'))).toHaveLength(2);
    expect(target.calls.filter((call) => call.startsWith('find')).sort()).toEqual(asked);
    const found = importer.allOf('c-1', TargetObjectImported).flatMap(({ matches }) => matches.map(({ id }) => id));
    expect(found).toEqual(['t-x']);
    await eventually(async () => (await rowsOf('listed_account')).length === 0);
  });

  test('reads no page for a job that was stopped while the target was listed, until it is started', async () => {
    source.put('1', '2', '3', '4');
    for (let at = 0; at < 40; at++) target.put(`t-${at}`, { userName: `other${at}` });
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    target.faults.push({ on: 'list', fault: (_, carryOut) => stuck.then(carryOut) });
    const states: unknown[] = [];
    source.beforePage = () => void states.push(importer.registry.find(aJob)?.state);
    importer.start();
    await importer.openCycle('c-1', 'initial');
    await eventually(() => target.calls.includes('list'));
    await inState('stopped');
    letGo();
    await eventually(async () => (await rowsOf('listed_account')).length > 0);
    await inState('active');
    expect(await importer.endOf('c-1')).toMatchObject({ read: 4, imported: 4 });
    expect(states).toEqual(['active', 'active']);
  });
});

describe('a cycle under other rules', () => {
  const reconfigure = (object: Parameters<typeof objectMapping>[0]) => importer.configure({ lanes, objects: [objectMapping(object)] });
  const inFinance = { name: 'Finance', all: [{ attribute: 'lastName', operator: 'NOT EQUALS' as const, value: 'Doe 2' }] };
  const plus = (more: Parameters<typeof mapping>[1]) => [...objectMapping().attributes, mapping('title', more)];
  const judged = async (cycleId: string) => {
    await importer.openCycle(cycleId, 'incremental', { watermark: { read: 1 } });
    return importer.endOf(cycleId);
  };

  beforeEach(async () => {
    source.put('1', '2', '3');
    importer.start();
    await importer.import('c-1', 'initial');
    await tell(log, exporter('1', 't-1'), exporter('2', 't-2'), exporter('3', 't-3'));
    for (const anchor of ['1', '2', '3']) target.put(`t-${anchor}`, { userName: `p${anchor}` });
    source.kind = 'none';
    target.calls.length = 0;
  });

  test('looks again only at those who fare differently, with what is known of them, and does not read the source', async () => {
    await reconfigure({ scope: [inFinance] });
    expect(await judged('c-2')).toMatchObject({ read: 0, imported: 1, gone: 0, reevaluated: 3 });
    expect(source.reads.at(-1)).toMatchObject({ watermark: { read: 1 } });
    expect(importer.allOf('c-2', SourceObjectImported)).toMatchObject([
      { change: 'again', sourceId: '2', rules: importer.rules, attributes: { lastName: 'Doe 2' } },
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
    await importer.import('c-2', 'incremental');
    source.kind = 'none';
    target.calls.length = 0;
    await reconfigure({ attributes: plus({ constant: 'Staff' }) });
    expect(await judged('c-3')).toMatchObject({ imported: 33, reevaluated: 33 });
    expect(target.calls.filter((call) => call.startsWith('list'))).toEqual(['list']);
  });

  test('whose import failed is made up for by the next', async () => {
    await reconfigure({ attributes: plus({ constant: 'Staff' }) });
    target.failNext('count', 'rejected');
    await importer.openCycle('c-2', 'incremental', { watermark: { read: 1 } });
    expect(await importer.failureOf('c-2')).toMatchObject({ side: 'target' });
    expect(await judged('c-3')).toMatchObject({ imported: 3, reevaluated: 3 });
    expect(await judged('c-4')).toMatchObject({ imported: 0, reevaluated: 0 });
  });
});

describe('a later cycle', () => {
  beforeEach(async () => {
    source.put('1', '2', '3');
    importer.start();
    await importer.import('c-1', 'initial');
  });

  test('imports only who has changed, and hands the watermark to the source', async () => {
    source.people.set('2', personOf('2', { lastName: 'Married' }));
    source.put('4');
    await importer.openCycle('c-2', 'incremental', { watermark: { read: 1 } });
    expect(await importer.endOf('c-2')).toMatchObject({ read: 4, imported: 2, gone: 0 });
    expect(changes('c-2')).toEqual(['added 4', 'updated 2']);
    expect(source.reads.at(-1)).toMatchObject({ watermark: { read: 1 }, resumeAt: null });
  });

  test('takes who is absent from a complete read for gone, with the values last known', async () => {
    source.people.delete('2');
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ read: 2, imported: 1, gone: 1 });
    expect(importer.allOf('c-2', SourceObjectImported)).toMatchObject([
      { change: 'deleted', sourceId: '2', attributes: { lastName: 'Doe 2' } },
    ]);
    expect(await importer.import('c-3', 'incremental')).toMatchObject({ imported: 0, gone: 0 });
    source.put('2');
    await importer.import('c-4', 'incremental');
    expect(changes('c-4')).toEqual(['added 2']);
  });

  test('takes up again who was gone without an account, and was given one by a write that was under way', async () => {
    source.people.delete('2');
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ imported: 1, gone: 1 });
    target.put('t-2', { userName: 'p2' });
    await tell(log, exporter('2', 't-2'));
    expect(await importer.import('c-3', 'incremental')).toMatchObject({ imported: 1 });
    expect(changes('c-3')).toEqual(['deleted 2']);
    expect(importer.allOf('c-3', TargetObjectImported)).toMatchObject([{ by: 'link', linkedId: 't-2' }]);
    expect(await importer.import('c-4', 'incremental')).toMatchObject({ imported: 0 });
  });

  test('takes nobody for gone when only changes are read, but who is reported as removed', async () => {
    source.kind = 'delta';
    source.people.clear();
    source.removed = ['3', 'never-known'];
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ imported: 1, gone: 0 });
    expect(changes('c-2')).toEqual(['deleted 3']);
  });

  test('in which nothing has changed imports nobody and keeps the watermark', async () => {
    source.kind = 'none';
    await importer.openCycle('c-2', 'incremental', { watermark: { read: 1 } });
    expect(await importer.endOf('c-2')).toMatchObject({ read: 0, imported: 0, gone: 0, watermark: { read: 1 } });
  });

  test('takes nobody for gone while a record without a key cannot be read', async () => {
    source.people.delete('2');
    source.failures = [{ anchor: null, code: 'missing-anchor', message: 'line 3 has no id', place: 'line 3' }];
    expect(await importer.import('c-2', 'incremental')).toMatchObject({
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
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ imported: 1, failed: 1, gone: 0, absenceWithheld: null });
    expect(importer.all(ObjectImportFailed)).toMatchObject([
      { objectKey: 'user:2', side: 'source', place: 'line 3', failure: { kind: 'invalid-source' } },
    ]);
    source.failures = [];
    source.put('2');
    await importer.import('c-3', 'incremental');
    expect(changes('c-3')).toEqual(['updated 2']);
  });

  test('refuses a source that is suddenly empty', async () => {
    source.people.clear();
    await importer.openCycle('c-3', 'incremental');
    expect(await importer.failureOf('c-3')).toMatchObject({ side: 'source', failure: { code: 'source-empty' } });
    expect(changes('c-3')).toEqual([]);
  });

  test.each([0, 1])('whose source fails at page %d says so, and takes nobody for gone', async (at) => {
    source.people.delete('1');
    source.put('5', '6');
    source.beforePage = (page) => {
      if (page === at) throw sourceFailure();
    };
    await importer.openCycle('c-2', 'incremental');
    expect(await importer.failureOf('c-2')).toMatchObject({ side: 'source', failure: { kind: 'unavailable' } });
    expect(changes('c-2').filter((change) => change.startsWith('deleted'))).toEqual([]);
    source.beforePage = () => undefined;
    await importer.import('c-3', 'incremental');
    expect(changes('c-3')).toContain('deleted 1');
  });

  test('fails when the target is down, even though nothing has changed', async () => {
    for (let attempt = 0; attempt < 4; attempt++) target.failNext('count', 'unavailable');
    await importer.openCycle('c-2', 'incremental');
    expect(await importer.failureOf('c-2')).toMatchObject({ side: 'target', failure: { kind: 'unavailable' } });
  });

  test('reads the account behind the link, and unlinks who was deleted', async () => {
    await tell(log, exporter('1', 't-77'));
    target.put('t-77', { userName: 'renamed-by-hand' });
    source.people.set('1', personOf('1', { lastName: 'New' }));
    await importer.import('c-2', 'incremental');
    expect(importer.allOf('c-2', TargetObjectImported)).toMatchObject([{ by: 'link', linkedId: 't-77', matches: [{ id: 't-77' }] }]);
    await tell(log, exporter('1', 't-77', 'delete'));
    source.people.set('1', personOf('1', { lastName: 'Newer' }));
    await importer.import('c-3', 'incremental');
    expect(importer.allOf('c-3', TargetObjectImported)).toMatchObject([{ by: 'none', linkedId: null }]);
  });

  test('lets one person’s failed look-up stand for that person alone', async () => {
    source.people.set('1', personOf('1', { lastName: 'New' }));
    source.people.set('2', personOf('2', { lastName: 'New' }));
    target.failNext('find', 'rejected');
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ imported: 2, failed: 1 });
    expect(importer.allOf('c-2', ObjectImportFailed)).toMatchObject([{ side: 'target', failure: { kind: 'rejected' } }]);
    expect(importer.allOf('c-2', TargetObjectImported)).toHaveLength(1);
  });
});

test('two people who match one account: the first keeps it, the other fails with both names', async () => {
  source.pageSize = 1;
  source.people.set('1', personOf('1', { email: 'shared' }));
  source.people.set('2', personOf('2', { email: 'shared' }));
  target.put('t-1', { userName: 'shared' });
  importer.start();
  expect(await importer.import('c-1', 'initial')).toMatchObject({ imported: 2, failed: 1 });
  expect(importer.all(ObjectImportFailed)).toMatchObject([
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
    await importer.openCycle('c-1', 'initial');
    const first = importer.start();
    await expect(first.ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    expect(await importer.endOf('c-1')).toMatchObject({ read: 5, imported: 5 });
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3', 'added 4', 'added 5']);
    expect(importer.all(ImportCompleted)).toHaveLength(1);
  });

  test.each(
    [1, 2].flatMap((nth): [number, 'lost' | 'unanswered'][] => [
      [nth, 'lost'],
      [nth, 'unanswered'],
    ]),
  )('while others are judged by new rules (append %d that was %s) repeats nobody and misses nobody', async (nth, how) => {
    source.put(...Array.from({ length: 420 }, (_, at) => String(at)));
    source.pageSize = 420;
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    source.kind = 'none';
    const title = mapping('title', { constant: 'Staff' });
    await importer.configure({ lanes, objects: [objectMapping({ attributes: [...objectMapping().attributes, title] })] });
    failAppend(nth, how);
    await importer.openCycle('c-2', 'incremental', { watermark: { read: 1 } });
    await expect(importer.start().ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    expect(await importer.endOf('c-2')).toMatchObject({ imported: 420, reevaluated: 420 });
    expect(new Set(changes('c-2')).size).toBe(420);
    expect(changes('c-2')).toHaveLength(420);
  });

  test.each([1, 2])('while the absent are taken up (append %d) repeats nobody and misses nobody', async (nth) => {
    source.put('1', '2', '3', '4', '5');
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    source.people = new Map([['1', personOf('1')]]);
    failAppend(nth, 'unanswered');
    await importer.openCycle('c-2', 'incremental');
    await expect(importer.start().ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    expect(await importer.endOf('c-2')).toMatchObject({ imported: 4, gone: 4 });
    expect(changes('c-2')).toEqual(['deleted 2', 'deleted 3', 'deleted 4', 'deleted 5']);
  });

  test.each(['lost', 'unanswered'] as const)('among the parts of a large page (%s) repeats nobody and misses nobody', async (how) => {
    const anchors = Array.from({ length: 700 }, (_, at) => String(at));
    source.pageSize = 700;
    source.put(...anchors);
    failAppend(how === 'lost' ? 2 : 1, how);
    await importer.openCycle('c-1', 'initial');
    await expect(importer.start().ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    expect(await importer.endOf('c-1')).toMatchObject({ read: 700, imported: 700 });
    expect(changes('c-1')).toEqual(anchors.map((anchor) => `added ${anchor}`).sort());
  });

  test('does not make the importer forget that a record could not be read', async () => {
    source.put('1', '2', '3', '4');
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    source.people.delete('4');
    source.failures = [{ anchor: null, code: 'missing-anchor', message: 'line 3 has no id', place: 'line 3' }];
    failAppend(2, 'lost');
    await importer.openCycle('c-2', 'incremental');
    await expect(importer.start().ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    expect(await importer.endOf('c-2')).toMatchObject({ gone: 0, absenceWithheld: expect.any(String) });
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
    await importer.openCycle('c-1', 'initial');
    importer.keepRunning();
    await eventually(() => arrive);
    // The successor has taken over and reads its first page when the predecessor's append arrives.
    let late = true;
    source.beforePage = async () => {
      if (late) arrive!();
      late = false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    importer.keepRunning();
    await importer.endOf('c-1');
    expect(changes('c-1')).toEqual(['added 1', 'added 2', 'added 3', 'added 4']);
  });
});

test('a cycle whose job is paused and started at once goes on behind the page that was just said, though that is not in the tables yet', async () => {
  source.put('1', '2', '3', '4', '5', '6');
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let holding: Promise<unknown> | undefined;
  log.fault = async (events, store) => {
    if (holding || !events.some(({ definition }) => definition.type === PageImported.type)) return store();
    await new Promise<void>((locked) => {
      holding = importer.database.transaction(async (manager) => {
        await manager.query('SELECT 1 FROM fold_position FOR UPDATE');
        locked();
        await held;
      });
    });
    return store();
  };
  let looks = 0;
  const { registry } = importer;
  const find = registry.find.bind(registry);
  registry.find = (jobId) => {
    const job = find(jobId);
    if (job?.state === 'paused') looks++;
    return job;
  };
  source.beforePage = async (page) => {
    if (page === 1) await inState('paused');
  };
  importer.start();
  await importer.openCycle('c-1', 'initial');
  await eventually(() => looks >= 3); // by this spec, by the reading that gives up, and by who would go on
  source.beforePage = () => undefined;
  await inState('active');
  await delay(300);
  letGo();
  await holding;
  expect(await importer.endOf('c-1')).toMatchObject({ read: 6, imported: 6 });
  const pages = importer.all(PageImported).map(({ page }) => page);
  expect(pages).toEqual(pages.map((_, at) => at + 1));
});

describe('what is asked for again', () => {
  const ask = (anchor: string, definition: typeof RetryDue | typeof ExportDeferred, more: { attempt?: number; round?: number } = {}) => {
    const facts = objectFacts(anchor, { rules: importer.rules, ...more });
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
  const again = () => importer.all(SourceObjectImported).filter(({ attempt, round }) => attempt > 0 || round > 0);

  test('is imported with the newest values and what the target holds now', async () => {
    source.put('1', '2');
    importer.start();
    await importer.import('c-1', 'initial');
    target.put('t-1', { userName: 'p1' });
    const [sequence] = await ask('1', RetryDue, { attempt: 2 });
    await eventually(() => again().length === 1);
    expect(again()).toMatchObject([
      { change: 'again', sourceId: '1', attempt: 2, round: 0, cycleId: 'c-1', attributes: { lastName: 'Doe 1' } },
    ]);
    expect(importer.all(TargetObjectImported).at(-1)).toMatchObject({ by: 'matching', attempt: 2, matches: [{ id: 't-1' }] });
    expect(log.events.filter(({ cause }) => cause === sequence)).toHaveLength(2);
    await eventually(async () => (await rowsOf('again')).length === 0);
  });

  test('because a decision did not hold any more goes into the next round', async () => {
    source.put('1');
    importer.start();
    await importer.import('c-1', 'initial');
    await ask('1', ExportDeferred, { round: 1 });
    await eventually(() => again()[0]);
    expect(again()).toMatchObject([{ attempt: 0, round: 2 }]);
  });

  test('is imported once, also when the importer dies right after it said so', async () => {
    source.put('1');
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    await ask('1', RetryDue, { attempt: 1 });
    log.fault = async (events, store) => {
      store();
      throw new Error(`died after ${events.length}`);
    };
    await expect(importer.start().ended).rejects.toThrow('died');
    log.fault = null;
    importer.start();
    await importer.import('c-2', 'incremental');
    expect(again()).toHaveLength(1);
  });

  test('as a retry of an earlier cycle does not make the open one take its object up a second time', async () => {
    source.put('1', '2', '3', '4', '5');
    importer.start();
    await importer.import('c-1', 'initial');
    source.people.set('1', personOf('1', { lastName: 'New' }));
    const facts = {
      ...objectFacts('1', { rules: importer.rules, attempt: 1 }),
      sourceId: '1',
      targetId: 't-1',
      reason: { code: 'not-active', text: '' },
    };
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
    expect(await importer.import('c-2', 'incremental')).toMatchObject({ imported: 1 });
    expect(again()).toHaveLength(1);
    expect(changes('c-2')).toEqual(['updated 1']);
  });

  test('of somebody unknown to the source says why', async () => {
    importer.start();
    await ask('9', RetryDue, { attempt: 1 });
    await eventually(() => importer.all(ObjectImportFailed)[0]);
    expect(importer.all(ObjectImportFailed)).toMatchObject([
      { objectKey: 'user:9', side: 'source', attempt: 1, failure: { kind: 'invalid-source' } },
    ]);
  });

  test('does not disturb the cycle that is running under older rules', async () => {
    source.put('1', '2', '3', '4', '5', '6');
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    let pages = 0;
    source.beforePage = async () => {
      if (++pages !== 2) return;
      await importer.configure({ lanes, schedule: { every: '20m' } });
      await ask('1', RetryDue, { attempt: 1 });
      await eventually(async () => (await rowsOf('again')).length === 1);
    };
    source.people = new Map([...source.people].map(([anchor]) => [anchor, personOf(anchor, { lastName: 'New' })]));
    await importer.openCycle('c-2', 'incremental');
    importer.start();
    expect(await importer.endOf('c-2')).toMatchObject({ read: 6, imported: 6 });
    await eventually(() => again().length === 1);
  });

  test('during a cycle carries what the cycle has just read, and not what was known before', async () => {
    source.put('1', '2', '3');
    const first = importer.start();
    await importer.import('c-1', 'initial');
    await first.stop();
    source.people.set('1', personOf('1', { lastName: 'New' }));
    source.beforePage = async (page) => {
      if (page !== 0) return;
      await ask('1', RetryDue, { attempt: 1 });
      await eventually(async () => (await rowsOf('again')).length === 1);
    };
    await importer.openCycle('c-2', 'incremental');
    importer.start();
    await importer.endOf('c-2');
    await eventually(() => again().length === 1);
    source.beforePage = () => undefined;
    expect(again()[0]?.attributes['lastName']).toBe('New');
    await importer.import('c-3', 'incremental');
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
  await importer.openCycle('c-1', 'initial');
  const first = importer.start();
  await atSecond;
  await expect(first.stop()).resolves.toBeUndefined();
  source.beforePage = () => undefined;
  importer.start();
  expect(await importer.endOf('c-1')).toMatchObject({ imported: 6 });
  expect(changes('c-1')).toHaveLength(6);
});
