import { expect, test } from '@jest/globals';

import { factsOf, hasFacts } from './step-facts.js';

test('every condition has its verdict, that on being active too', () => {
  const clause = { filter: 'Employees', clause: 'employment EQUALS "employee"', actual: 'contractor', holds: false };
  const active = { clause: 'status EQUALS "active"', actual: '', holds: false };
  expect(factsOf({ scope: { inScope: false, clauses: [clause] }, active }, 'Active').clauses).toEqual([
    clause,
    { filter: 'Active', ...active },
  ]);
  expect(factsOf({ active: { holds: true } }, 'Active').clauses).toEqual([]);
});

test('values read, accounts found, look-ups and changes are kept apart', () => {
  const tried = [{ attribute: 'userName', value: 'a@b', found: 1 }];
  const changes = [{ attribute: 'title', old: 'A', new: 'B' }];
  expect(
    factsOf({ attributes: { title: 'B' }, tried, matches: [{ id: '7', state: 'active', attributes: { title: 'A' } }], changes }, ''),
  ).toEqual({
    attributes: [['title', 'B']],
    accounts: [{ id: '7', attributes: [['title', 'A']] }],
    tried,
    clauses: [],
    changes,
  });
});

test('a step that knew nothing shows nothing', () => {
  expect(hasFacts(factsOf({ by: 'link', matches: [] }, ''))).toBe(false);
  expect(hasFacts(factsOf({ attributes: { a: null } }, ''))).toBe(true);
});
