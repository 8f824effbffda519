import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { AttributeValue } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import { attributeBag, attributeValue, mapping } from '../testing/index.js';
import { applyChanges } from './apply-changes.js';
import { caseExactIn, diffAttributes } from './diff-attributes.js';
import { sameValue } from './same-value.js';

describe('what counts as the same', () => {
  test.each<[AttributeValue, AttributeValue, boolean]>([
    ['a', 'a', true],
    ['a', 'A', false],
    ['true', true, true],
    ['TRUE', true, true],
    ['TRUE', 'true', false],
    ['false', true, false],
    ['1', true, false],
    [1, true, false],
    ['7', 7, true],
    ['07', 7, true],
    ['07', '7', false],
    ['', 0, false],
    [' ', 0, false],
    [null, '', true],
    [null, [], true],
    [null, false, false],
    [['a', 'b'], ['b', 'a'], true],
    [['a', 'a'], ['a'], true],
    [['a', 'b'], ['a'], false],
    [['a', ''], ['a'], true],
    ['a', ['a'], true],
    [[7], ['7'], true],
    [{ type: 'work', value: 'x' }, { value: 'x', type: 'work' }, true],
    [{ type: 'work', value: 'x' }, { value: 'x', type: 'work', display: null }, true],
    [{ type: 'work', value: 'x' }, { value: 'y', type: 'work' }, false],
    [[{ value: 'x' }, { value: 'y' }], [{ value: 'y' }, { value: 'x' }], true],
  ])('%j and %j: %s', (one, other, same) => {
    expect(sameValue(one, other)).toBe(same);
    expect(sameValue(other, one)).toBe(same);
  });

  test.each<[AttributeValue, AttributeValue]>([
    ['Jane', 'JANE'],
    [['Ä'], ['ä']],
    [{ value: 'X' }, { value: 'x' }],
  ])('%j and %j without regard to case', (one, other) =>
    expect([sameValue(one, other), sameValue(one, other, false)]).toEqual([false, true]),
  );

  test('every value is the same as itself', () =>
    fc.assert(fc.property(attributeValue(), fc.boolean(), (value, exact) => sameValue(value, value, exact))));
});

test('a change has the old value, null when there was none', () => {
  expect(diffAttributes({ title: 'Lead', locale: 'nl' }, { title: 'Head', phone: '1', locale: 'nl' })).toEqual([
    { attribute: 'title', old: 'Lead', new: 'Head' },
    { attribute: 'phone', old: null, new: '1' },
  ]);
});

test('a null clears what is there, and nothing else', () => {
  expect(diffAttributes({ title: 'Lead' }, { title: null, phone: null })).toEqual([{ attribute: 'title', old: 'Lead', new: null }]);
});

test('letter case counts where the mapping says so', () => {
  const caseExactOf = caseExactIn([mapping('userName', { source: 'email', caseExact: false }), mapping('title', { source: 'jobTitle' })]);
  const changes = diffAttributes(
    { userName: 'JANE@example.com', title: 'LEAD' },
    { userName: 'jane@example.com', title: 'Lead' },
    caseExactOf,
  );
  expect(changes).toEqual([{ attribute: 'title', old: 'LEAD', new: 'Lead' }]);
});

test('a diff makes the desired attributes the same, leaves the others alone, and is empty once applied', () => {
  fc.assert(
    fc.property(attributeBag(), attributeBag(), fc.boolean(), (current, desired, exact) => {
      const after = applyChanges(
        current,
        diffAttributes(current, desired, () => exact),
      );
      const wanted = { ...current, ...desired };
      const differing = Object.keys({ ...after, ...wanted }).filter(
        (name) => !sameValue(valueAt(after, name), valueAt(wanted, name), exact),
      );
      expect(differing).toEqual([]);
      const touched = Object.keys(current).filter((name) => !Object.hasOwn(desired, name) && after[name] !== current[name]);
      expect(touched).toEqual([]);
      expect(diffAttributes(after, desired, () => exact)).toEqual([]);
    }),
  );
});
