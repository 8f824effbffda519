import { expect, test } from '@jest/globals';

import { distinctKeys } from './distinct-keys.js';

test('rows that would have one key have different ones, and everything else keeps its own', () => {
  expect(distinctKeys(['a', 'b', 'a', 'a', 'c'])).toEqual(['a', 'b', 'a #2', 'a #3', 'c']);
  expect(distinctKeys([])).toEqual([]);
});
