import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type ObjectKey, objectKeyOf } from '../object/ids.js';
import { circleFrom, longestCircle } from './reference-circle.js';

const user = (anchor: number | string): ObjectKey => objectKeyOf('user', String(anchor));
/** Who refers to whom, as in `ab`. */
const nextIn = (...references: string[]) => {
  const to = new Map(references.map(([from, wanted]) => [user(from!), user(wanted!)]));
  return (key: ObjectKey) => to.get(key);
};
const ring = (size: number) => (key: ObjectKey) => user((Number(key.split(':')[1]) + 1) % size);

test.each<[string, string[], string | null]>([
  ['two who refer to each other', ['ab', 'ba'], 'ab'],
  ['three in a circle, from the one that is asked about', ['bc', 'ca', 'ab'], 'abc'],
  ['an object that refers to itself', ['aa'], 'a'],
  ['a chain that ends', ['ab', 'bc'], null],
  ['somebody below a circle is not in it', ['ab', 'bc', 'cb'], null],
  ['nobody', [], null],
])('%s', (_, references, circle) =>
  expect(circleFrom(user('a'), nextIn(...references))).toEqual(circle && [...circle].map((each) => user(each))),
);

test('the longest circle is found, and a longer one is not looked for to its end', () => {
  expect(circleFrom(user(0), ring(longestCircle))).toHaveLength(longestCircle);
  expect(circleFrom(user(0), ring(longestCircle + 1))).toBeNull();
});

test('everybody in a circle names the same circle', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(11), { minLength: 12, maxLength: 12 }), (wanted) => {
      const next = (key: ObjectKey) => user(wanted[Number(key.split(':')[1])]!);
      for (const [from] of wanted.entries()) {
        const circle = circleFrom(user(from), next);
        for (const each of circle ?? []) expect(new Set(circleFrom(each, next))).toEqual(new Set(circle));
      }
    }),
  ));
