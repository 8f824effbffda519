import { expect, test } from '@jest/globals';

import { decideRemovals } from './decide-removals.js';
import { isAccountedFor, resultOf } from './outcomes.js';

const thresholds = { count: 500, percent: 20, atLeast: 5 };

test.each([
  [0, 0, 'release'],
  [0, 1_000, 'release'],
  [5, 5, 'release'],
  [6, 6, 'hold'],
  [6, 30, 'release'],
  [7, 30, 'hold'],
  [20, 100, 'release'],
  [21, 100, 'hold'],
  [500, 100_000, 'release'],
  [501, 100_000, 'hold'],
  [6, 0, 'hold'],
])('%d removals of %d linked accounts: %s', (proposed, linked, decision) =>
  expect(decideRemovals({ proposed, linked }, thresholds).decision).toBe(decision),
);

test('a hold names the threshold', () => {
  expect(decideRemovals({ proposed: 501, linked: 600 }, thresholds)).toEqual({ decision: 'hold', threshold: 'more than 500 removals' });
  expect(decideRemovals({ proposed: 9, linked: 40 }, thresholds)).toEqual({
    decision: 'hold',
    threshold: 'more than 20% of 40 linked accounts, and more than 5 removals',
  });
});

test('a threshold of nothing holds the first removal', () => {
  expect(decideRemovals({ proposed: 1, linked: 1_000 }, { count: 0, percent: 100, atLeast: 0 }).decision).toBe('hold');
});

const tally = { created: 1, updated: 2, disabled: 3, deleted: 4, skipped: 5, unchanged: 6, escrowed: 7, held: 8 };

test('a cycle is accounted for when every imported object has its outcome', () => {
  expect([35, 36, 37].map((imported) => isAccountedFor(tally, imported))).toEqual([false, true, false]);
});

test('a cycle ends as its import and its objects did', () => {
  const completed = { import: { state: 'completed' as const, imported: 36, linked: 0 } };
  const failed = {
    import: { state: 'failed' as const, imported: 0, failure: { kind: 'unavailable' as const, code: 'timeout', message: '' } },
  };
  expect([resultOf(completed, tally), resultOf(completed, { escrowed: 0 }), resultOf(failed, { escrowed: 0 })]).toEqual([
    'entry-level-errors',
    'succeeded',
    'failed',
  ]);
});
