import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { job } from '../testing/index.js';
import { ladderOf, nextAttempt } from './retry-ladder.js';

const hour = 3_600_000;
const day = 24 * hour;
const ladder = ladderOf(job());

test.each([
  [0, 6 * hour],
  [1, 12 * hour],
  [2, 24 * hour],
  [3, 48 * hour],
  [28, 27 * day],
  [29, null],
])('after %d retries the default ladder goes on at %d ms after the first failure', (retries, expected) => {
  expect(nextAttempt(0, retries, ladder)).toBe(expected);
  expect(nextAttempt(1_000, retries, ladder)).toBe(expected === null ? null : expected + 1_000);
});

test.each([
  [0, 6 * hour, 12 * hour],
  [0, 30 * hour, 2 * day],
  [1, 7 * hour, 12 * hour],
  [3, 10 * day, 11 * day],
  [0, 27 * day, null],
  [0, 40 * day, null],
])('after %d retries and %d ms, rungs that are over are passed over', (retries, now, expected) =>
  expect(nextAttempt(0, retries, ladder, now)).toBe(expected),
);

test.each([-1, 0.5, Number.NaN])('%d retries are a bug of the caller', (retries) =>
  expect(() => nextAttempt(0, retries, ladder)).toThrow(RangeError),
);

const climbing = fc
  .record({
    steps: fc.array(fc.integer({ min: 1, max: day }), { minLength: 1, maxLength: 5 }),
    thenEveryMs: fc.integer({ min: 1000, max: day }),
    giveUpAfterMs: fc.integer({ min: 0, max: 40 * day }),
  })
  .map(({ steps, ...rest }) => ({
    ...rest,
    afterMs: steps.map((_, index) => steps.slice(0, index + 1).reduce((sum, step) => sum + step)),
  }));

test('the ladder only climbs, stays ahead of now, and ends before it is given up', () => {
  fc.assert(
    fc.property(climbing, fc.nat(100), fc.nat(40 * day), fc.nat(), (any, retries, elapsed, firstFailedAt) => {
      const [one, next] = [nextAttempt(firstFailedAt, retries, any), nextAttempt(firstFailedAt, retries + 1, any)];
      const late = nextAttempt(firstFailedAt, retries, any, firstFailedAt + elapsed);
      if (one !== null) expect(one - firstFailedAt).toBeLessThan(any.giveUpAfterMs);
      if (next !== null) expect(next).toBeGreaterThan(one!);
      if (late !== null) expect(late).toBeGreaterThan(Math.max(firstFailedAt + elapsed, one! - 1));
    }),
  );
});
