import { expect, test } from '@jest/globals';

import { plainOf, unopenedOf } from './unopened.js';

test.each([
  ['(sealed)', 'sealed', 'sensitive: sealed'],
  ['(erased)', 'erased', 'erased'],
  ['(key missing)', 'lost', 'sealed: its key is missing'],
  ['constructor', null, 'constructor'],
  ['Rita (sealed)', null, 'Rita (sealed)'],
])('%j is %j, told as %j', (value, why, told) => {
  expect(unopenedOf(value)).toBe(why);
  expect(plainOf(value)).toBe(told);
});
