import { randomBytes } from 'node:crypto';

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { BrokenSeal, keyBytes, seal, unseal } from './seal.js';

const key = randomBytes(keyBytes);

test('what was sealed opens under the same key and the same words alone', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string(), (value, context, other) => {
      const sealed = seal(key, value, context);
      expect(unseal(key, sealed, context)).toEqual(Buffer.from(value));
      expect(() => unseal(randomBytes(keyBytes), sealed, context)).toThrow(BrokenSeal);
      if (other !== context) expect(() => unseal(key, sealed, other)).toThrow(BrokenSeal);
    }),
  );
});

test('a changed bit anywhere breaks the seal', () => {
  const sealed = seal(key, Buffer.from('s3cret'), 'a');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => unseal(key, changed, 'a')).toThrow(BrokenSeal);
  }
  for (const length of [0, 1, 28, sealed.length - 1]) expect(() => unseal(key, sealed.subarray(0, length), 'a')).toThrow(BrokenSeal);
});

test('the same value is sealed another way each time, and holds nothing readable', () => {
  const sealed = [1, 2].map(() => seal(key, Buffer.from('s3cret'), 'a'));
  expect(sealed[0]).not.toEqual(sealed[1]);
  expect(sealed[0]!.toString('latin1')).not.toContain('s3cret');
});
