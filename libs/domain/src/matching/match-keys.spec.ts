import { expect, test } from '@jest/globals';

import { mapping } from '../testing/index.js';
import { matchKeys } from './match-keys.js';

const mappings = [
  mapping('externalId', { source: 'id', matching: 2 }),
  mapping('title', { source: 'jobTitle' }),
  mapping('userName', { source: 'email', matching: 1, default: 'nobody@example.com' }),
];

test('matching attributes are tried by precedence', () => {
  expect(matchKeys(mappings, { id: 7, email: 'jane@example.com', jobTitle: 'Lead' })).toEqual([
    { attribute: 'userName', value: 'jane@example.com' },
    { attribute: 'externalId', value: 7 },
  ]);
});

test.each([[undefined], [null], [''], [[]], [['a', 'b']], [{ value: 'a' }]])(
  '%j is nothing to match by, and no default replaces it',
  (email) => {
    expect(matchKeys(mappings, { id: '7', ...(email !== undefined && { email }) })).toEqual([{ attribute: 'externalId', value: '7' }]);
  },
);

test('a list of one value is matched by that value', () => {
  expect(matchKeys(mappings, { email: ['jane@example.com'] })).toEqual([{ attribute: 'userName', value: 'jane@example.com' }]);
});
