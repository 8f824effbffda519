import { expect, test } from '@jest/globals';

import { RetryPace } from './retry-pace.js';

const keys = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `user:${from + index}`);

test('retries are begun by the hundred, and no more than come back', () => {
  const pace = new RetryPace();
  expect(pace.room(0)).toBe(200);
  pace.began(keys(200), 0);
  pace.began(keys(150, 200), 1_000);
  expect(pace.room(1_000)).toBe(50);
  pace.began(keys(50, 350), 2_000);
  expect(pace.room(2_000)).toBe(0);
  for (const key of keys(120)) pace.ended(key);
  expect(pace.room(3_000)).toBe(120);
});

test('what does not come back takes no room for ever', () => {
  const pace = new RetryPace();
  pace.began(keys(400), 0);
  expect(pace.room(299_999)).toBe(0);
  expect(pace.room(300_000)).toBe(200);
});
