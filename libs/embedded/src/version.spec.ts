import { expect, test } from '@jest/globals';
import { findVersion, isAtLeast } from './version.js';

test.each([
  ['nats-server: v2.15.1', [2, 15, 1]],
  ['nats-server: v2.12.0-RC.2', [2, 12, 0]],
  ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', [15, 18]],
  ['postgres (PostgreSQL) 19beta1', [19]],
  ['2.15.1-1', [2, 15, 1]],
  ['usage: nothing of the kind', undefined],
])('%s is version %j', (text, version) => {
  expect(findVersion(text)).toEqual(version);
});

test.each([
  [[2, 12], [2, 12], true],
  [[2, 12, 1], [2, 12], true],
  [[2, 9, 10], [2, 12], false],
  [[3], [2, 12], true],
  [[15, 18], [16], false],
])('%j is at least %j: %j', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
