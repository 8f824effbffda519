import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { ScopeGroup } from '../job/job-definition.js';
import { attributeBag, scopeClause } from '../testing/index.js';
import { evaluateScope } from './evaluate-scope.js';
import { isActive } from './is-active.js';

const finance: ScopeGroup = {
  name: 'Finance',
  all: [
    { attribute: 'department', operator: 'EQUALS', value: 'Finance' },
    { attribute: 'country', operator: 'IS NOT NULL' },
  ],
};
const managers: ScopeGroup = { name: 'Managers', all: [{ attribute: 'level', operator: 'GREATER_THAN', value: 3 }] };

test('without a filter everybody is in scope', () => expect(evaluateScope([], {})).toEqual({ inScope: true, clauses: [] }));

test('all conditions of a filter must hold', () => {
  expect(evaluateScope([finance], { department: 'Finance', country: 'NL' }).inScope).toBe(true);
  expect(evaluateScope([finance], { department: 'Finance' })).toEqual({
    inScope: false,
    clauses: [
      { filter: 'Finance', clause: 'department EQUALS "Finance"', actual: 'Finance', holds: true },
      { filter: 'Finance', clause: 'country IS NOT NULL', actual: '', holds: false },
    ],
  });
});

test('one filter that holds is enough, and those after it are not looked at', () => {
  expect(evaluateScope([finance, managers], { level: 4 }).inScope).toBe(true);
  const { clauses } = evaluateScope([managers, finance], { level: 4 });
  expect(clauses).toEqual([{ filter: 'Managers', clause: 'level GREATER_THAN 3', actual: '4', holds: true }]);
});

test('an object is in scope if and only if some filter has no failing condition', () => {
  const groups = fc.array(fc.record({ name: fc.uuid(), all: fc.array(scopeClause(), { minLength: 1, maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(groups, attributeBag(), (scope, attributes) => {
      const { inScope, clauses } = evaluateScope(scope, attributes);
      const failed = new Set(clauses.filter(({ holds }) => !holds).map(({ filter }) => filter));
      expect(inScope).toBe(scope.some(({ name }) => clauses.some(({ filter }) => filter === name) && !failed.has(name)));
    }),
  );
});

test('without a condition everybody is active', () => {
  const active = { attribute: 'status', operator: 'EQUALS', value: 'active' } as const;
  expect([
    isActive(undefined, {}),
    isActive(active, { status: 'active' }),
    isActive(active, { status: 'left' }),
    isActive(active, {}),
  ]).toEqual([true, true, false, false]);
});
