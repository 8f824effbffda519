import { describe, expect, test } from '@jest/globals';
import { type CycleView, emptyTally } from '@provident/contracts/http';

import { paceOf, progressOf, type Sample, withSample } from './progress.js';

const cycle = (given: Partial<CycleView>, tally: Partial<CycleView['tally']> = {}): CycleView => ({
  cycleId: 'c1',
  jobId: 'j',
  kind: 'initial',
  state: 'running',
  openedAt: '2026-03-02T09:00:00.000Z',
  closedAt: null,
  reevaluated: 0,
  importCompletedAt: null,
  by: { kind: 'system', name: 'schedule' },
  total: null,
  failure: null,
  tally: { ...emptyTally, ...tally },
  ...given,
});

describe('a record counts as done', () => {
  test('when it was read and, if it went through the pipeline, has its outcome', () => {
    const tally = { read: 100, imported: 60, created: 20, skipped: 10, escrowed: 5, held: 5 };
    expect(progressOf(cycle({ total: 400 }, tally))).toEqual({ done: 80, total: 400, phase: 'reading' });
  });

  test('against what was really read once the reading has ended', () => {
    const read = { total: 400, importCompletedAt: '2026-03-02T09:01:00.000Z' };
    expect(progressOf(cycle(read, { read: 390, imported: 0 }))).toEqual({ done: 390, total: 390, phase: 'writing' });
  });

  test('never above a total that the source gave too low', () => {
    expect(progressOf(cycle({ total: 10 }, { read: 50 })).total).toBe(50);
  });

  test('without a total that nobody knows', () => {
    expect(progressOf(cycle({}, { read: 50 })).total).toBeNull();
  });
});

const samples = (...given: [at: number, done: number][]): readonly Sample[] =>
  given.reduce<readonly Sample[]>((all, [at, done]) => withSample(all, { at, done }), []);

describe('the remaining time', () => {
  test('is not told from less than three seconds', () => {
    expect(paceOf(samples([0, 0], [2_000, 200]), 1_000, 2_000)).toEqual({ kind: 'measuring' });
  });

  test('is a range when the speed changes', () => {
    const pace = paceOf(samples([0, 0], [5_000, 500], [10_000, 600]), 1_600, 10_000);
    expect(pace).toEqual({ kind: 'moving', perSecond: 60, leftMs: [expect.closeTo(16_667, 0), 50_000] });
  });

  test('is not told without a total, but the speed is', () => {
    expect(paceOf(samples([0, 0], [4_000, 400]), null, 4_000)).toEqual({ kind: 'moving', perSecond: 100, leftMs: null });
  });

  test('gives way to the plain word that nothing moves', () => {
    expect(paceOf(samples([0, 0], [4_000, 400], [8_000, 400], [14_000, 400]), 1_000, 15_000)).toEqual({ kind: 'stalled', sinceMs: 11_000 });
  });

  test('begins anew when another cycle counts from the start', () => {
    expect(paceOf(samples([0, 900], [5_000, 1_000], [6_000, 3]), 1_000, 6_000)).toEqual({ kind: 'measuring' });
  });
});
