import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { objectKeyOf } from '../object/ids.js';
import { type Nesting, nestingCycles } from './nesting-cycles.js';

/** Nestings of single letters: `ab` says that b is in a. */
const nestings = (...texts: readonly string[]): Nesting[] =>
  texts.map(([group, member]) => ({ group: objectKeyOf('group', group!), member: objectKeyOf('group', member!) }));

test.each([
  ['nothing nested', [], []],
  ['a chain', ['ab', 'bc', 'cd'], []],
  ['two ways to the same group', ['ab', 'ac', 'bd', 'cd'], []],
  ['a group that contains itself', ['aa', 'ab'], ['aa']],
  ['two that contain each other', ['ab', 'ba', 'bc', 'da'], ['ab', 'ba']],
  ['a longer circle with a way in and a way out', ['xa', 'ab', 'bc', 'ca', 'cy'], ['ab', 'bc', 'ca']],
  ['two circles that touch', ['ab', 'ba', 'bc', 'cb'], ['ab', 'ba', 'bc', 'cb']],
  ['two circles with a bridge', ['ab', 'ba', 'bc', 'cd', 'dc'], ['ab', 'ba', 'cd', 'dc']],
])('%s', (_, all, circular) => expect(nestingCycles(nestings(...all))).toEqual(nestings(...circular)));

test('a chain of a hundred thousand is no trouble', () => {
  const chain = Array.from({ length: 100_000 }, (_, at) => ({
    group: objectKeyOf('group', `${at}`),
    member: objectKeyOf('group', `${at + 1}`),
  }));
  expect(nestingCycles(chain)).toEqual([]);
});

const anyNestings = fc.array(fc.tuple(fc.constantFrom(...'abcdef'), fc.constantFrom(...'abcdef')), { maxLength: 14 });

test('named are exactly the nestings of which the member leads back to the group', () => {
  fc.assert(
    fc.property(anyNestings, (pairs) => {
      const all = nestings(...pairs.map((pair) => pair.join('')));
      expect(nestingCycles(all)).toEqual(all.filter(({ group, member }) => leads(member, group, all)));
    }),
  );
});

/** Whether one can get from a group to another by going into members; every group leads to itself. */
function leads(from: string, to: string, all: readonly Nesting[]): boolean {
  const reached = new Set([from]);
  for (const each of reached) for (const { group, member } of all) if (group === each) reached.add(member);
  return reached.has(to);
}
