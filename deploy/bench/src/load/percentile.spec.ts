import { expect, test } from '@jest/globals';

import { spreadOf } from './percentile.js';

test('half of the values are at most p50, and 99 of 100 at most p99', () => {
  const values = Array.from({ length: 200 }, (_, at) => 200 - at);
  expect(spreadOf(values)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
  expect(spreadOf([])).toBeNull();
});
