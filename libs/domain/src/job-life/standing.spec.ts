import { describe, expect, test } from '@jest/globals';

import { fact, job, lifeAfter } from '../testing/index.js';
import type { Standing } from './job-fact.js';
import { standingAfterFile, standingOf } from './standing.js';

describe('applying a job file', () => {
  test.each<[before: Standing | null, says: boolean, said: boolean | null, after: Standing]>([
    [null, false, null, 'active'],
    [null, true, null, 'paused'],
    ['removed', false, false, 'active'],
    ['active', false, false, 'active'],
    ['paused', false, false, 'paused'],
    ['active', true, true, 'active'],
    ['active', true, false, 'paused'],
    ['paused', false, true, 'active'],
    ['stopped', false, true, 'stopped'],
    ['stopped', true, false, 'stopped'],
  ])('to a job that is %s, when it says paused %s and said %s, leaves it %s', (before, says, said, after) =>
    expect(standingAfterFile(before, says, said)).toBe(after),
  );
});

test('a stopped job opens no cycle, and keeps the one that is open until it is started', () => {
  const state = (at: number, to: Standing) => fact(at, 'job-state-changed', { state: to });
  const opened = [
    fact(1, 'job-configured', { revision: 1, definition: job() }),
    fact(2, 'cycle-opened', { cycleId: 'c-1' as never, kind: 'initial', rules: 1 }),
  ];
  const stopped = lifeAfter(...opened, state(3, 'stopped'));
  expect([standingOf(stopped), stopped.isPaused, stopped.running?.cycleId]).toEqual(['stopped', true, 'c-1']);
  const started = lifeAfter(...opened, state(3, 'stopped'), state(4, 'active'));
  expect([standingOf(started), started.isPaused, started.isStopped, started.running?.cycleId]).toEqual(['active', false, false, 'c-1']);
  expect(standingOf(lifeAfter(...opened, state(3, 'stopped'), state(4, 'paused')))).toBe('paused');
});
