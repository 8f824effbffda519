import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { sharesOf } from './shares.js';

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, each) => all + each, 0);
const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

test('object lanes and demand lanes are each shared evenly, and so are the lanes of each job', () => {
  const kinds = [...Array<string>(8).fill('a'), ...Array<string>(8).fill('a on demand'), ...Array<string>(3).fill('b'), 'c'];
  expect([0, 1].map((rank) => Object.fromEntries(sharesOf(kinds, rank, 2)))).toEqual([
    { a: 4, 'a on demand': 4, b: 2, c: 0 },
    { a: 4, 'a on demand': 4, b: 1, c: 1 },
  ]);
});

test('one instance has everything, and nobody has anything of nothing', () => {
  expect([...sharesOf(['a', 'b', 'a'], 0, 1)]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
  expect(sharesOf([], 1, 3).size).toBe(0);
});

test('whatever there is and however many share it: all of it falls to somebody, each kind and the whole evenly', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), fc.integer({ min: 1, max: 9 }), (kinds, instances) => {
      const shares = Array.from({ length: instances }, (_, rank) => sharesOf(kinds, rank, instances));
      for (const kind of new Set(kinds)) {
        const ofKind = shares.map((share) => share.get(kind)!);
        expect(sum(ofKind)).toBe(kinds.filter((each) => each === kind).length);
        expect(spread(ofKind)).toBeLessThanOrEqual(1);
      }
      expect(spread(shares.map((share) => sum(share.values())))).toBeLessThanOrEqual(1);
    }),
  );
});
