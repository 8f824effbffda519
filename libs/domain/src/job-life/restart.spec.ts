import { describe, expect, test } from '@jest/globals';

import { asCycleId } from '../object/ids.js';
import { fact, job, lifeAfter } from '../testing/index.js';
import { healthAfter } from './health-after.js';
import { nextCycleAt, planCycle } from './next-cycle.js';
import { restartedCode, scopesOf } from './restart.js';

const [one, two] = [asCycleId('c-1'), asCycleId('c-2')];
const configured = fact(1, 'job-configured', { revision: 1, definition: job({ schedule: { every: '1h' } }) });
const opened = (atMs: number, cycleId = one) => fact(atMs, 'cycle-opened', { cycleId, kind: 'initial', rules: 1 });
const completed = (atMs: number, cycleId = one) =>
  fact(atMs, 'import-completed', { cycleId, watermark: { at: atMs }, imported: 3, linked: 0 });
const failed = (atMs: number, cycleId = one) =>
  fact(atMs, 'import-failed', { cycleId, imported: 1, failure: { kind: 'unavailable', code: restartedCode, message: '' } });
const closed = (atMs: number, result: 'succeeded' | 'failed', cycleId = one) => fact(atMs, 'cycle-closed', { cycleId, result });
const restarted = (atMs: number, ...scopes: Parameters<typeof scopesOf>[0][number][]) =>
  fact(atMs, 'job-restarted', { scopes: scopesOf(scopes) });
const ran = [configured, opened(10), completed(20), closed(30, 'succeeded')];

test('the scopes of a restart', () => {
  expect([scopesOf([]), scopesOf(['links']), scopesOf(['removals', 'quarantine', 'removals'])]).toEqual([
    ['quarantine', 'escrows', 'watermark'],
    ['watermark', 'links'],
    ['quarantine', 'removals'],
  ]);
});

describe('a restart of the watermark', () => {
  test('opens an initial cycle at once, which reads everything', () => {
    const life = lifeAfter(...ran, restarted(40));
    expect(nextCycleAt(life)).toBe(40);
    expect(planCycle(life)).toMatchObject({ kind: 'initial', watermark: null });
  });

  test('is done when a cycle read everything to its end, and not before', () => {
    const again = [...ran, restarted(40), opened(50, two)];
    expect(planCycle(lifeAfter(...again, failed(60, two), closed(70, 'failed', two))).kind).toBe('initial');
    const done = lifeAfter(...again, completed(60, two), closed(70, 'succeeded', two));
    expect([planCycle(done).kind, nextCycleAt(done)]).toEqual(['incremental', 50 + 3_600_000]);
  });

  test('while a cycle is open is not done by that cycle, nor counts its end against the job', () => {
    const life = lifeAfter(configured, opened(10), restarted(15), completed(20), closed(30, 'succeeded'));
    expect([planCycle(life).kind, nextCycleAt(life)]).toEqual(['initial', 15]);
    const ended = lifeAfter(configured, opened(10), restarted(15), failed(20), closed(30, 'failed'));
    expect([ended.failedInARow, planCycle(ended).kind]).toEqual([0, 'initial']);
    const end = {
      result: 'failed' as const,
      tally: { created: 0, updated: 0, disabled: 0, deleted: 0, skipped: 0, unchanged: 0, escrowed: 0, held: 0 },
      failure: { kind: 'unavailable' as const, code: restartedCode, message: '' },
    };
    expect(healthAfter(end, lifeAfter(configured, opened(10), failed(11), closed(12, 'failed'), opened(13), restarted(15)), 20)).toEqual({
      verdict: 'none',
    });
  });
});

test('a restart of something else leaves the schedule as it is', () => {
  const life = lifeAfter(...ran, restarted(40, 'escrows'));
  expect([planCycle(life).kind, nextCycleAt(life)]).toEqual(['incremental', 10 + 3_600_000]);
});

test('a job knows whether anybody can have an account by it', () => {
  expect([lifeAfter(configured, opened(10)), lifeAfter(...ran)].map(({ hasImported }) => hasImported)).toEqual([false, true]);
});
