import { expect, test } from '@jest/globals';

import { isOnHold } from './on-hold.js';

test.each([
  ['active', 9, 5, false],
  ['stopped', 9, 5, true],
  ['stopped', 3, 5, true],
  ['paused', 9, 5, true],
  ['paused', 3, 5, false],
] as const)('in a job that is %s since %d, a cycle opened at %d is on hold: %s', (state, stateSince, openedAt, held) =>
  expect(isOnHold({ state, stateSince }, openedAt)).toBe(held),
);
