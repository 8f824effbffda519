import { expect, test } from '@jest/globals';
import { backOffMs, failuresInARow } from './back-off.js';

test('the wait before a restart doubles up to ten seconds', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => backOffMs(failures))).toEqual([
    200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000,
  ]);
});

test('half a minute of health makes the next crash a first one', () => {
  expect(failuresInARow(4, 29_999)).toBe(5);
  expect(failuresInARow(4, 30_000)).toBe(1);
});
