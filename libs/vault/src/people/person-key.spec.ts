import { randomBytes } from 'node:crypto';

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { BrokenSeal } from '../seal.js';
import { PersonKey } from './person-key.js';

const key = (id = 'a'): PersonKey => new PersonKey(id, randomBytes(32));

test('what was sealed opens under the same key and the same words alone', () => {
  const [mine, other] = [key(), key()];
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = mine.seal(text, 'p');
      expect(mine.open(sealed, 'p')).toBe(text);
      expect(() => mine.open(sealed, 's')).toThrow(BrokenSeal);
      expect(() => other.open(sealed, 'p')).toThrow(BrokenSeal);
    }),
  );
});

test('a value looks the same each time for one person, and never as for another', () => {
  const [mine, other] = [key(), key()];
  expect(mine.seal('Rita', 'p')).toBe(mine.seal('Rita', 'p'));
  expect(mine.seal('Rita', 'p')).not.toBe(mine.seal('Rita', 's'));
  expect(mine.seal('Rita', 'p')).not.toBe(other.seal('Rita', 'p'));
});

test('a changed bit anywhere breaks the seal', () => {
  const mine = key();
  const sealed = Buffer.from(mine.seal('Rita', 'p'), 'base64url');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => mine.open(changed.toString('base64url'), 'p')).toThrow(BrokenSeal);
  }
});
