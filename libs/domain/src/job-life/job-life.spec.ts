import { describe, expect, test } from '@jest/globals';

import type { Failure } from '../object/failure.js';
import { isoOf } from '../object/instant.js';
import { asCycleId } from '../object/ids.js';
import { fact, job, lifeAfter, objectMapping } from '../testing/index.js';
import { foldJob } from './fold-job.js';
import type { CycleKind, CycleResult, JobFact, QuarantineReason } from './job-fact.js';
import { isJobFact } from './job-fact.js';
import { cycleKindFor, isCycleDue, nextCycleAt, planCycle, watermarkFor } from './next-cycle.js';

const minute = 60_000;
const hour = 60 * minute;
const every = 40 * minute;
const one = asCycleId('c-1');
const two = asCycleId('c-2');
const outage: Failure = { kind: 'unavailable', code: 'timeout', message: 'no answer' };

const configured = (atMs: number, definition = job()) => fact(atMs, 'job-configured', { revision: 1, definition });
const state = (atMs: number, to: 'active' | 'paused' | 'removed') => fact(atMs, 'job-state-changed', { state: to });
const recoveredBy = (kind: 'user' | 'system', atMs: number) => fact(atMs, 'job-recovered', { by: { kind } });
const opened = (atMs: number, kind: CycleKind = 'initial', rules = 1, cycleId = one) =>
  fact(atMs, 'cycle-opened', { cycleId, kind, rules });
const imported = (atMs: number, cycleId = one) =>
  fact(atMs, 'import-completed', { cycleId, watermark: { at: atMs }, imported: 3, linked: 2 });
const closed = (atMs: number, result: CycleResult = 'succeeded', cycleId = one) => fact(atMs, 'cycle-closed', { cycleId, result });
const quarantined = (atMs: number, nextAttemptAtMs: number, reason: QuarantineReason = 'connection') =>
  fact(atMs, 'job-quarantined', {
    reason,
    failure: outage,
    beganAt: '1970-01-01T00:00:00.000Z',
    count: 1,
    nextAttemptAt: isoOf(nextAttemptAtMs),
  });
const wholeCycle = (kind: CycleKind = 'initial', rules = 1): JobFact[] => [opened(10, kind, rules), imported(20), closed(30)];

const settings = (config: Record<string, unknown>) => job({ source: { connector: 'csv', config } });
const event = (type: string) => ({ type, sequence: 1, at: '2026-01-01T00:00:00.000Z', data: {} });
const changedRules = job({ objects: [objectMapping({ actions: ['create'] })] });
const changedSchedule = job({ schedule: { every: '10m' }, name: 'People', retry: { after: ['1h'] } });

describe('the next cycle', () => {
  test('of a new job is due at once', () => {
    const life = lifeAfter(configured(1));
    expect(nextCycleAt(life)).toBe(1);
    expect([isCycleDue(life, 0), isCycleDue(life, 1)]).toEqual([false, true]);
  });

  test('is due one interval after the last was opened', () => {
    const life = lifeAfter(configured(1), ...wholeCycle());
    expect(nextCycleAt(life)).toBe(10 + every);
    expect([isCycleDue(life, 9 + every), isCycleDue(life, 10 + every)]).toEqual([false, true]);
  });

  test('follows a changed interval', () => {
    expect(nextCycleAt(lifeAfter(configured(1), ...wholeCycle(), configured(40, changedSchedule)))).toBe(10 + 10 * minute);
  });

  test.each<[string, JobFact[]]>([
    ['of an unknown job', []],
    ['while one is open', [configured(1), opened(10)]],
    ['while its objects are on their way', [configured(1), opened(10), imported(20)]],
    ['of a paused job', [configured(1), state(2, 'paused')]],
    ['of a job whose file says paused', [configured(1, job({ schedule: { paused: true } }))]],
    ['of a job paused by a person, when the file is applied again', [configured(1), state(2, 'paused'), configured(3, changedSchedule)]],
    ['of a removed job', [configured(1), state(2, 'removed')]],
  ])('%s is not planned', (_, facts) => expect(nextCycleAt(lifeAfter(...facts))).toBeNull());

  test.each<[string, JobFact[]]>([
    ['was paused is started again', [state(2, 'paused'), state(3, 'active')]],
    ['was removed is configured again', [state(2, 'removed'), configured(3)]],
    ['was paused by its file is no longer', [configured(2, job({ schedule: { paused: true } })), configured(3)]],
  ])('is planned when a job that %s', (_, facts) => expect(nextCycleAt(lifeAfter(configured(1), ...facts))).not.toBeNull());

  test('is not planned for a job that was disabled, until somebody starts it', () => {
    const facts = [configured(1), ...wholeCycle(), quarantined(30, 5 * every), fact(35, 'job-disabled', {})];
    expect(nextCycleAt(lifeAfter(...facts))).toBeNull();
    expect(nextCycleAt(lifeAfter(...facts, configured(40, changedRules)))).toBeNull();
    expect(nextCycleAt(lifeAfter(...facts, recoveredBy('user', 40)))).toBe(40);
  });

  test('is due at once when the rules change, and not when the schedule does', () => {
    const facts = [configured(1), ...wholeCycle()];
    expect(nextCycleAt(lifeAfter(...facts, configured(40, changedRules)))).toBe(40);
    expect(nextCycleAt(lifeAfter(...facts, configured(40)))).toBe(10 + every);
  });

  test('waits for the quarantine, unless the rules change or somebody starts the job', () => {
    const facts = [configured(1), ...wholeCycle(), quarantined(30, 5 * every)];
    expect(nextCycleAt(lifeAfter(...facts))).toBe(5 * every);
    expect(nextCycleAt(lifeAfter(...facts, configured(40, changedRules)))).toBe(40);
    expect(nextCycleAt(lifeAfter(...facts, recoveredBy('user', 40)))).toBe(40);
    expect(nextCycleAt(lifeAfter(...facts, configured(40, changedRules), opened(50, 'initial', 40, two), closed(60, 'failed', two)))).toBe(
      5 * every,
    );
  });

  test('is due once for whoever lifts a quarantine, and an interval later for a job that recovered in its cycle', () => {
    const facts = [configured(1), ...wholeCycle(), quarantined(30, 5 * every)];
    expect(nextCycleAt(lifeAfter(...facts, recoveredBy('user', 40), opened(50, 'incremental', 1, two), closed(60, 'succeeded', two)))).toBe(
      50 + every,
    );
    const attempted = [...facts, opened(5 * every, 'incremental', 1, two)];
    const over = closed(5 * every + 20, 'succeeded', two);
    expect(nextCycleAt(lifeAfter(...attempted, over, recoveredBy('system', 5 * every + 20)))).toBe(6 * every);
    expect(nextCycleAt(lifeAfter(...attempted, recoveredBy('user', 5 * every + 10), over))).toBe(6 * every);
  });

  test('is not due for whoever releases or rejects removals that had led to a quarantine', () => {
    const facts = [configured(1), ...wholeCycle(), quarantined(30, 5 * every, 'too-many-removals')];
    expect(nextCycleAt(lifeAfter(...facts, recoveredBy('user', 40)))).toBe(10 + every);
  });

  test('comes an interval after an attempt that left the quarantine as it was, and not at once again', () => {
    const facts = [configured(1), ...wholeCycle(), quarantined(30, 5 * every)];
    const attempted = [opened(5 * every, 'incremental', 1, two), imported(5 * every + 10, two), closed(5 * every + 20, 'succeeded', two)];
    expect(nextCycleAt(lifeAfter(...facts, ...attempted))).toBe(6 * every);
  });
});

describe('the kind of cycle', () => {
  test.each<[CycleKind, string, JobFact[]]>([
    ['initial', 'at first', []],
    [
      'initial',
      'after an import that failed',
      [opened(10), fact(20, 'import-failed', { cycleId: one, imported: 2, failure: outage }), closed(30, 'failed')],
    ],
    ['incremental', 'once everything was read', wholeCycle()],
    ['incremental', 'once everything was read, though objects failed', [opened(10), imported(20), closed(30, 'entry-level-errors')]],
    [
      'incremental',
      'after an incremental cycle that failed',
      [...wholeCycle(), opened(40, 'incremental', 1, two), closed(50, 'failed', two)],
    ],
    ['incremental', 'when only the schedule changed', [...wholeCycle(), configured(40, changedSchedule)]],
    ['incremental', 'when the rules changed', [...wholeCycle(), configured(40, changedRules)]],
    ['initial', 'when the rules changed before everything was read once', [opened(10), configured(15, changedRules), closed(30, 'failed')]],
    ['initial', 'when the source changed', [...wholeCycle(), configured(40, settings({ path: 'other.csv' }))]],
    [
      'initial',
      'when the source changed during the cycle',
      [opened(10), configured(15, settings({ path: 'b' })), imported(20), closed(30)],
    ],
    [
      'initial',
      'when other objects of the source are meant',
      [...wholeCycle(), configured(40, job({ objects: [objectMapping({ source: 'staff' })] }))],
    ],
    ['incremental', 'once everything was read under the changed rules', [configured(5, changedRules), ...wholeCycle('initial', 5)]],
    ['initial', 'when the job was removed and is configured again', [...wholeCycle(), state(40, 'removed'), configured(50)]],
  ])('is %s %s', (kind, _, facts) => expect(cycleKindFor(lifeAfter(configured(1), ...facts))).toBe(kind));

  test('decides from where it reads', () => {
    const life = lifeAfter(configured(1), ...wholeCycle());
    expect(planCycle(life)).toEqual({ kind: 'incremental', rules: 1, watermark: { at: 20 } });
    expect(planCycle(life, { fresh: true })).toEqual({ kind: 'initial', rules: 1, watermark: null });
    expect(watermarkFor(lifeAfter(configured(1)), 'incremental')).toBeNull();
  });

  test('looks at accounts when a person asks for it or the job file says that it is time, and not in a cycle that reads everything', () => {
    const life = lifeAfter(configured(1), ...wholeCycle());
    expect(planCycle(life, {}, 100 * hour)).not.toHaveProperty('drift');
    expect(planCycle(life, { drift: 'repair' })).toMatchObject({ kind: 'incremental', drift: 'repair' });
    expect(planCycle(life, { fresh: true, drift: 'repair' })).not.toHaveProperty('drift');

    const daily = configured(1, job({ schedule: { drift: { every: '1d', mode: 'repair' } } }));
    const isTime = (after: JobFact[], atMs: number) => planCycle(lifeAfter(daily, ...after), {}, atMs).drift === 'repair';
    expect([isTime([], 100 * hour), isTime(wholeCycle(), 9 + 24 * hour), isTime(wholeCycle(), 10 + 24 * hour)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('looks at accounts again at once when the cycle that should have done so broke off', () => {
    const daily = configured(1, job({ schedule: { drift: { every: '1d', mode: 'report' } } }));
    const looking = fact(25 * hour, 'cycle-opened', { cycleId: two, kind: 'incremental', rules: 1, drift: 'report' });
    const failed = fact(26 * hour, 'import-failed', { cycleId: two, imported: 0, failure: outage });
    const after = (...facts: JobFact[]) => planCycle(lifeAfter(daily, ...wholeCycle(), looking, ...facts), {}, 27 * hour);
    expect(after(failed, closed(26 * hour, 'failed', two))).toHaveProperty('drift', 'report');
    expect(after(imported(26 * hour, two), closed(26 * hour, 'succeeded', two))).not.toHaveProperty('drift');
  });

  test('order of keys in the settings is no change of rules', () => {
    const facts = [configured(1, settings({ path: 'a', delimiter: ';' })), ...wholeCycle()];
    expect(cycleKindFor(lifeAfter(...facts, configured(40, settings({ delimiter: ';', path: 'a' }))))).toBe('incremental');
    expect(cycleKindFor(lifeAfter(...facts, configured(40, settings({ delimiter: ';', path: 'b' }))))).toBe('initial');
  });
});

test('a state that an earlier build kept reads everything again after any change of the rules', () => {
  const { systemsChanged: _, ...kept } = lifeAfter(configured(1), ...wholeCycle(), configured(40, changedRules));
  expect(cycleKindFor(kept)).toBe('initial');
  expect(foldJob(kept, configured(50)).systemsChanged).toBe(40);
});

test('the watermark stays when an import fails, and facts of another cycle change nothing', () => {
  const known = lifeAfter(configured(1), ...wholeCycle(), opened(40, 'incremental', 1, two));
  expect(
    lifeAfter(configured(1), ...wholeCycle(), opened(40, 'incremental', 1, two), imported(50, one), closed(60, 'failed', one)),
  ).toEqual(known);
  const failed = lifeAfter(
    configured(1),
    ...wholeCycle(),
    opened(40, 'incremental', 1, two),
    fact(50, 'import-failed', { cycleId: two, imported: 0, failure: outage }),
  );
  expect(failed.watermark).toEqual({ at: 20 });
  expect(failed.running?.import).toEqual({ state: 'failed', imported: 0, failure: outage });
});

test('held removals are kept by cycle until that cycle is released', () => {
  const held = (cycleId: typeof one) =>
    fact(20, 'removals-held', { cycleId, proposed: 9, linked: 10, threshold: 'more than 5', until: 'person' });
  const life = lifeAfter(configured(1), held(one), held(two), held(one), fact(30, 'removals-released', { cycleId: two }));
  expect(life.held).toEqual([{ cycleId: one, proposed: 9, linked: 10, threshold: 'more than 5', until: 'person', since: 20 }]);
});

test('only facts of the job are facts of the job', () => {
  expect([isJobFact(event('cycle-opened')), isJobFact(event('object-exported')), isJobFact(event('constructor'))]).toEqual([
    true,
    false,
    false,
  ]);
});
