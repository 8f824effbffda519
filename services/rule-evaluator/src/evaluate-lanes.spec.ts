import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { JobRegistry, type NewEvent } from '@provident/bus';
import { MemoryLog, jobConfigured, newEvent, objectFacts, runLane, saidIn, tell } from '@provident/bus/testing';
import { type DataOf, ObjectImportFailed, RuleEvaluated, SourceObjectImported, TargetObjectImported } from '@provident/contracts';
import { account, objectMapping, person } from '@provident/domain/testing';
import { eventually } from '@provident/testing';

import { evaluateLanes } from './evaluate-lanes.js';

let log: MemoryLog;
let registry: JobRegistry;
let ending: AbortController;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  log = new MemoryLog();
  ending = new AbortController();
  stops = [];
  await tell(log, jobConfigured());
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
});
afterEach(async () => {
  await Promise.allSettled(stops.map((stop) => stop()));
  ending.abort();
});

const start = () => {
  const running = runLane(log, evaluateLanes(registry));
  stops.push(running.stop);
  return running;
};
type Facts = Parameters<typeof objectFacts>[1];
const source = (anchor: string, more: Partial<DataOf<typeof SourceObjectImported>> = {}, facts: Facts = {}): NewEvent =>
  newEvent(
    SourceObjectImported,
    {
      ...objectFacts(anchor, facts),
      sourceId: anchor,
      change: 'added',
      attributes: person({ email: `p${anchor}` }),
      targetFollows: true,
      displayName: 'Jane',
      ...more,
    },
    { stage: 'importer' },
  );
const found = (anchor: string, more: Partial<DataOf<typeof TargetObjectImported>> = {}, facts: Facts = {}): NewEvent =>
  newEvent(
    TargetObjectImported,
    { ...objectFacts(anchor, facts), by: 'none', tried: [], matches: [], linkedId: null, basis: 5, ...more },
    { stage: 'importer' },
  );
const failed = (anchor: string, more: Partial<DataOf<typeof ObjectImportFailed>> = {}): NewEvent =>
  newEvent(
    ObjectImportFailed,
    {
      ...objectFacts(anchor),
      sourceId: anchor,
      side: 'target',
      place: null,
      failure: { kind: 'unavailable', code: 'timeout', message: 'no answer' },
      ...more,
    },
    { stage: 'importer' },
  );
const decisions = () => saidIn(log, { stage: 'rule-evaluator' }).map(({ data }) => data as DataOf<typeof RuleEvaluated>);
const decided = (count: number) => eventually(() => (decisions().length >= count ? decisions() : null));

describe('a pair', () => {
  test('becomes one decision, with the facts of the source half and the basis of the target half', async () => {
    await tell(log, source('1'), found('1'));
    start();
    expect(await decided(1)).toMatchObject([
      {
        ...objectFacts('1'),
        displayName: 'Jane',
        sourceId: '1',
        action: 'create',
        basis: 5,
        match: { attribute: 'userName', value: 'p1' },
        failure: null,
      },
    ]);
    expect(saidIn(log, { stage: 'rule-evaluator' })).toMatchObject([{ cause: 3, position: 3 }]);
    expect(Object.keys(decisions()[0]!)).not.toContain('targetFollows');
  });

  test('is decided by what the target holds', async () => {
    const matches = [account({ userName: 'p1', 'name.givenName': 'Old' })];
    await tell(log, source('1'), found('1', { by: 'matching', matches }), source('2'), found('2', { by: 'link', linkedId: 'a-9' }));
    start();
    expect(await decided(2)).toMatchObject([
      { action: 'update', linksNow: true, targetId: 'a-1', changes: [{ attribute: 'name.givenName', old: 'Old', new: 'Jane' }] },
      { action: 'fail', reason: { code: 'invalid-anchor' }, failure: { kind: 'gone' } },
    ]);
  });

  test('whose second half comes later is decided then, also by another instance', async () => {
    await tell(log, source('1'), found('1'), source('2'));
    const first = start();
    await decided(1);
    await first.stop();
    start();
    await tell(log, found('2'));
    expect((await decided(2)).map(({ objectKey }) => objectKey)).toEqual(['user:1', 'user:2']);
  });

  test('without its first half is a bug that ends the run', async () => {
    await tell(log, found('1'));
    await expect(start().ended).rejects.toThrow('a target half without its source half at 2');
  });

  test('of two changes is a bug that ends the run', async () => {
    await tell(log, source('1'), found('1', {}, { cycleId: 'c-2' }));
    await expect(start().ended).rejects.toThrow(/without its source half/);
  });
});

test('a source half that stands alone is decided at once', async () => {
  await tell(log, source('1', { change: 'deleted', targetFollows: false }));
  start();
  expect(await decided(1)).toMatchObject([{ action: 'skip', reason: { code: 'never-linked' }, basis: 2 }]);
});

test('an object that could not be imported is told as failed, with the cause, so that it is accounted for', async () => {
  await tell(log, source('1'), failed('1'), failed('2', { side: 'source', place: 'line 7', sourceId: null }));
  start();
  expect(await decided(2)).toMatchObject([
    {
      action: 'fail',
      reason: { code: 'import-failed', text: expect.stringContaining('no answer') },
      failure: { kind: 'unavailable' },
      basis: 3,
      sourceId: '1',
    },
    { action: 'fail', reason: { code: 'import-failed', text: expect.stringContaining('(line 7)') }, sourceId: null },
  ]);
  expect(Object.keys(decisions()[0]!)).not.toEqual(expect.arrayContaining(['side']));
});

test('a half whose other half failed is not taken for that of the next change', async () => {
  await tell(log, source('1'), failed('1'), source('1', {}, { cycleId: 'c-2' }), found('1', {}, { cycleId: 'c-2' }));
  start();
  expect((await decided(2)).map(({ action, cycleId }) => [action, cycleId])).toEqual([
    ['fail', 'c-1'],
    ['create', 'c-2'],
  ]);
});

test('each object is judged by the rules that it names, also when they change to and fro', async () => {
  const [other = 0] = await tell(log, jobConfigured({ objects: [objectMapping({ actions: ['update'] })] }, 2));
  const pairs = [1, other, 1, other].flatMap((rules, at) => [source(String(at), {}, { rules }), found(String(at), {}, { rules })]);
  await tell(log, ...pairs);
  start();
  expect((await decided(4)).map(({ action, rules }) => [action, rules])).toEqual([
    ['create', 1],
    ['skip', other],
    ['create', 1],
    ['skip', other],
  ]);
});

test('a retry and a round have decisions of their own', async () => {
  const facts = { attempt: 2, round: 1 };
  await tell(log, source('1', {}, facts), found('1', {}, facts));
  start();
  expect(await decided(1)).toMatchObject([facts]);
  expect(saidIn(log, { stage: 'rule-evaluator' })[0]?.id).toBe('c-1.1.rule.2.1');
});

test('every pair is answered once and in order, many at a time and over restarts', async () => {
  const anchors = Array.from({ length: 300 }, (_, at) => String(at));
  for (let from = 0; from < 300; from += 100) {
    await tell(log, ...anchors.slice(from, from + 100).flatMap((anchor) => [source(anchor), found(anchor)]));
    const running = start();
    await decided(from + 50);
    await running.stop();
  }
  start();
  expect((await decided(300)).map(({ sourceId }) => sourceId)).toEqual(anchors);
});
