import { expect, test } from '@jest/globals';

import { differenceOf } from './difference.js';

const rules = (attributes: readonly object[], more: object = {}) => ({ objects: [{ type: 'user', attributes, ...more }] });

test('what has a name is compared with what has the same name, wherever it stands', () => {
  const old = rules([
    { target: 'userName', source: 'mail', matching: 1 },
    { target: 'title', source: 'title' },
  ]);
  const next = rules([
    { target: 'nickName', constant: 'x' },
    { target: 'userName', source: 'login', matching: 1 },
  ]);
  expect(differenceOf(old, next)).toEqual([
    { path: 'objects[user].attributes[userName].source', old: 'mail', new: 'login' },
    { path: 'objects[user].attributes[title]', old: { target: 'title', source: 'title' }, new: undefined },
    { path: 'objects[user].attributes[nickName]', old: undefined, new: { target: 'nickName', constant: 'x' } },
  ]);
});

test('the same in another order is told as an order, and nothing is told of what is the same', () => {
  const [one, other] = [
    { target: 'a', constant: 1 },
    { target: 'b', constant: 2 },
  ];
  expect(differenceOf(rules([one, other]), rules([other, one]))).toEqual([
    { path: 'objects[user].attributes[…]', old: 'a, b', new: 'b, a' },
  ]);
  expect(differenceOf(rules([one]), rules([one]))).toEqual([]);
});

test('conditions, which have no names, are told by their place, and as a whole where their number differs', () => {
  const clause = (value: string) => ({ attribute: 'kind', operator: 'EQUALS', value });
  const scope = (...values: string[]) => ({ scope: [{ name: 'Staff', all: values.map(clause) }] });
  expect(differenceOf(rules([], scope('a', 'b')), rules([], scope('a', 'c')))).toEqual([
    { path: 'objects[user].scope[Staff].all[1].value', old: 'b', new: 'c' },
  ]);
  expect(differenceOf(rules([], scope('a')), rules([], scope('a', 'c')))).toEqual([
    { path: 'objects[user].scope[Staff].all', old: [clause('a')], new: [clause('a'), clause('c')] },
  ]);
});
