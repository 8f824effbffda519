import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { nearest } from './nearest.js';

const names = ['source', 'scope', 'schedule', 'target', 'department', 'path'];

test.each([
  ['sorce', 'source'],
  ['shcedule', 'schedule'],
  ['Department', 'department'],
  ['DEPARTMNET', 'department'],
  ['pth', 'path'],
  ['taget', 'target'],
  ['xyz', undefined],
  ['', undefined],
  ['dept', undefined],
])('%j was probably meant to be %j', (name, meant) => expect(nearest(name, names)).toBe(meant));

test('a name is never proposed for itself', () => expect(nearest('path', names)).toBeUndefined());

test('two letters swapped are found in any name', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 3, maxLength: 20 });
  fc.assert(
    fc.property(name, fc.nat(), (right, place) => {
      const at = place % (right.length - 1);
      const wrong = `${right.slice(0, at)}${right[at + 1]}${right[at]}${right.slice(at + 2)}`;
      expect(nearest(wrong, [right])).toBe(wrong === right ? undefined : right);
    }),
  );
});
