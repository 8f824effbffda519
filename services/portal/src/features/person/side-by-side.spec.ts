import { expect, test } from '@jest/globals';
import type { PersonStoryView } from '@provident/contracts/http';

import type { Definition, Revision } from '../../shared/revisions.js';
import { rulesAt, sideBySide } from './side-by-side.js';

const rules = {
  job: 'hr',
  objects: [
    {
      type: 'user',
      attributes: [
        { target: 'userName', source: 'mail' },
        { target: 'displayName', expression: 'Join(" ", [first], [last])' },
        { target: 'emails', source: 'mail' },
      ],
    },
  ],
} as unknown as Definition;

const object = (more: object) =>
  ({
    objectType: 'user',
    sourceSide: { id: '1', isDeleted: false, attributes: { mail: 'a@b.c', first: 'A', last: 'B' } },
    account: { id: 'w-1', isLinked: true, attributes: { userName: 'a@b.c', displayName: 'By hand', other: 'x' } },
    expected: { userName: 'a@b.c', displayName: 'A B', other: 'x' },
    ...more,
  }) as unknown as PersonStoryView['objects'][number];
const differing = (more: object) =>
  sideBySide(object(more), rules)
    .filter(({ differs }) => differs)
    .map(({ attribute }) => attribute);

test('what the rules write stands beside its source, and is marked where the target has something else', () => {
  expect(sideBySide(object({}), rules)).toMatchObject([
    { attribute: 'userName', source: 'a@b.c', expected: 'a@b.c', found: 'a@b.c', differs: false },
    { attribute: 'displayName', source: undefined, expected: 'A B', found: 'By hand', differs: true },
    { attribute: 'emails', source: 'a@b.c', expected: undefined, found: undefined, differs: false },
  ]);
});

test('nothing differs where no account is, where none is wanted, and where a value is not shown', () => {
  expect(differing({ account: { id: null, isLinked: false, attributes: {} } })).toEqual([]);
  expect(differing({ expected: null })).toEqual([]);
  expect(differing({ expected: { userName: 'a@b.c', displayName: '(sealed)' } })).toEqual([]);
  const hidden = sideBySide(object({ expected: { userName: '(erased)', displayName: '(sealed)' } }), rules).filter(
    ({ isHidden }) => isHidden,
  );
  expect(hidden.map(({ attribute }) => attribute)).toEqual(['userName', 'displayName']);
});

test('an empty list and no value are the same', () => {
  const attributes = { userName: 'a@b.c', displayName: 'A B' };
  expect(differing({ account: { id: 'w-1', isLinked: true, attributes: { ...attributes, emails: [] } } })).toEqual([]);
  expect(differing({ account: { id: 'w-1', isLinked: true, attributes: { ...attributes, emails: ['x'] } } })).toEqual(['emails']);
});

test('the rules of an instant are those of the revision before it', () => {
  const revision = (at: string, job: string) => ({ at, definition: { job } }) as unknown as Revision;
  const revisions = [revision('2026-03-02T00:00:00.000Z', 'new'), revision('2026-03-01T00:00:00.000Z', 'old')];
  expect(rulesAt(revisions, undefined)?.job).toBe('new');
  expect(rulesAt(revisions, '2026-03-01T12:00:00.000Z')?.job).toBe('old');
  expect(rulesAt(revisions, '2026-02-01T00:00:00.000Z')).toBeUndefined();
});
