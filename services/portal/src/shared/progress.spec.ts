import { describe, expect, test } from '@jest/globals';
import { type CycleView, emptyTally } from '@provident/contracts/http';

import { paceOf, progressOf, roundedLeft, type Sample, type Samples, withSample, withSampleOf } from './progress.js';

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

  test('though its page is counted as read a moment later', () => {
    const before = progressOf(cycle({ total: 400 }, { read: 100, imported: 100, created: 90 }));
    const page = progressOf(cycle({ total: 400 }, { read: 100, imported: 180, created: 95 }));
    expect([before.done, page.done]).toEqual([90, 95]);
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
    expect(pace).toEqual({ kind: 'moving', perSecond: 60, leftMs: [17_000, 50_000] });
  });

  test('is not told without a total, but the speed is', () => {
    expect(paceOf(samples([0, 0], [4_000, 400]), null, 4_000)).toEqual({ kind: 'moving', perSecond: 100, leftMs: null });
  });

  test('gives way to the plain word that nothing moves', () => {
    expect(paceOf(samples([0, 0], [4_000, 400], [8_000, 400], [14_000, 400]), 1_000, 15_000)).toEqual({ kind: 'stalled', sinceMs: 11_000 });
  });

  test('does not believe counts that say less than before', () => {
    expect(paceOf(samples([0, 0], [5_000, 500], [6_000, 300], [10_000, 1_000]), 2_000, 10_000)).toEqual({
      kind: 'moving',
      perSecond: 100,
      leftMs: [10_000, 10_000],
    });
  });

  test.each([
    [100, 1_000],
    [12_400, 12_000],
    [43_000, 45_000],
    [92_000, 90_000],
    [745_000, 720_000],
  ])('of %d ms is told as %d ms, no more exactly than it can be known', (ms, told) => expect(roundedLeft(ms)).toBe(told));

  test('is measured for each cycle by itself, and goes on when somebody comes back to it in time', () => {
    const none: Samples = new Map();
    const first = withSampleOf(none, 'c1', { at: 0, done: 900 });
    const both = withSampleOf(first, 'c2', { at: 5_000, done: 3 });
    expect(paceOf(both.get('c2')!, 1_000, 5_000)).toEqual({ kind: 'measuring' });
    expect(withSampleOf(both, 'c1', { at: 10_000, done: 1_000 }).get('c1')).toHaveLength(2);
    expect([...withSampleOf(both, 'c2', { at: 24_000, done: 80 }).keys()]).toEqual(['c2']);
  });
});
