import { expect, test } from '@jest/globals';

import { isAllowed } from './use-may.js';

const me = { permissions: { read: null, operate: ['slack'], configure: [] } };

test.each([
  ['read', undefined, true],
  ['read', 'wiki', true],
  ['operate', undefined, true],
  ['operate', 'slack', true],
  ['operate', 'wiki', false],
  ['configure', undefined, false],
  ['configure', 'slack', false],
  ['secure', undefined, false],
] as const)('%s for %s: %s', (permission, jobId, expected) => {
  expect(isAllowed(me, permission, jobId)).toBe(expected);
});
