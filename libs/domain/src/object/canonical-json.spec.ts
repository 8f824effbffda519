import { expect, test } from '@jest/globals';

import { canonicalJson } from './canonical-json.js';

test('the order of keys plays no part, at any depth', () =>
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] })));

test('the order of a list does', () => expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1])));

test('a key without a value is the same as no key', () => expect(canonicalJson({ a: undefined, b: 1 })).toBe(canonicalJson({ b: 1 })));
