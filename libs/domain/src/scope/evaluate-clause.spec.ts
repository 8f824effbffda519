import { describe, expect, test } from '@jest/globals';

import type { ScopeClause } from '../job/job-definition.js';
import type { AttributeValue } from '../object/attributes.js';
import { evaluateClause } from './evaluate-clause.js';
import { scopeOperators, unaryOperators } from './operators.js';

const holds = (operator: ScopeClause['operator'], actual: AttributeValue, value?: ScopeClause['value']): boolean =>
  evaluateClause({ attribute: 'x', operator, ...(value !== undefined && { value }) }, { x: actual }).holds;

describe('comparing operators', () => {
  test.each<[AttributeValue, ScopeClause['operator'], ScopeClause['value'], boolean]>([
    ['Finance', 'EQUALS', 'Finance', true],
    ['Finance', 'EQUALS', 'finance', false],
    ['Finance ', 'EQUALS', 'Finance', false],
    [1, 'EQUALS', '1', true],
    ['1', 'EQUALS', 1, true],
    ['01', 'EQUALS', 1, false],
    [true, 'EQUALS', 'true', true],
    [['a', 'a'], 'EQUALS', 'a', true],
    [['a', 'b'], 'EQUALS', 'a', false],
    [['a', null], 'EQUALS', 'a', false],
    ['Finance', 'NOT EQUALS', 'Sales', true],
    ['Finance', 'NOT EQUALS', 'finance', true],
    ['Finance', 'NOT EQUALS', 'Finance', false],
    [['b', 'c'], 'NOT EQUALS', 'a', true],
    [['a', 'b'], 'NOT EQUALS', 'a', false],
    [11, 'GREATER_THAN', 10, true],
    ['11', 'GREATER_THAN', '9', true],
    [10, 'GREATER_THAN', 10, false],
    ['90071992547409931', 'GREATER_THAN', '90071992547409930', true],
    ['11.5', 'GREATER_THAN', 10, false],
    [11, 'GREATER_THAN', 10.5, false],
    ['eleven', 'GREATER_THAN', 10, false],
    [true, 'GREATER_THAN', 0, false],
    [10, 'GREATER_THAN_OR_EQUALS', '10', true],
    [9, 'GREATER_THAN_OR_EQUALS', 10, false],
    [[11, 9], 'GREATER_THAN', 10, false],
    ['Head of Finance', 'INCLUDES', 'of', true],
    ['Head of Finance', 'INCLUDES', 'OF', false],
    ['jane@example.com', 'ENDS_WITH', '@example.com', true],
    ['jane@EXAMPLE.com', 'ENDS_WITH', '@example.com', false],
    [['a@x', 'b@x'], 'ENDS_WITH', '@x', true],
    [['a@x', 'b@y'], 'ENDS_WITH', '@x', false],
    ['1234567', 'REGEX MATCH', '1[0-9]{6}', true],
    [1234567, 'REGEX MATCH', '1[0-9]{6}', true],
    ['12345678', 'REGEX MATCH', '1[0-9]{6}', false],
    ['x12345678', 'REGEX MATCH', '.*1[0-9]{6}.*', true],
    ['Zoë Müller', 'REGEX MATCH', '\\w+ \\w+', true],
    ['sales', 'REGEX MATCH', 'Sales', false],
    ['sales', 'REGEX MATCH', '(?i)Sales', true],
    ['a|b', 'REGEX MATCH', 'a|b', false],
    ['ab', 'REGEX MATCH', 'a|ab', true],
    ['a\nb', 'REGEX MATCH', '(?m)^a$', false],
    ['a', 'REGEX MATCH', '^a$', true],
    [['a1', 'a2'], 'REGEX MATCH', 'a\\d', true],
    [['a1', 'b2'], 'REGEX MATCH', 'a\\d', false],
    ['a', 'REGEX MATCH', '(?=a)', false],
    ['sales', 'NOT REGEX MATCH', 'Sales', true],
    ['Sales', 'NOT REGEX MATCH', 'Sales', false],
    [['b1', 'a2'], 'NOT REGEX MATCH', 'a\\d', false],
    ['a', 'NOT REGEX MATCH', '(?=a)', false],
    [514, '&', 2, true],
    ['514', '&', '2', true],
    [512, '&', 2, false],
    [6, '&', 3, false],
    [7, '&', 3, true],
    [-2147483646, '&', '2147483648', true],
    ['two', '&', 2, false],
    [2.5, '&', 2, false],
    [512, '!&', 2, true],
    [514, '!&', 2, false],
    [6, '!&', 3, true],
    ['two', '!&', 2, false],
    [514, '!&', 'two', false],
  ])('%j %s %j is %s', (actual, operator, value, expected) => expect(holds(operator, actual, value)).toBe(expected));
});

describe('operators without a value', () => {
  test.each<[AttributeValue, ScopeClause['operator'], boolean]>([
    [true, 'IS TRUE', true],
    ['TRUE', 'IS TRUE', true],
    [false, 'IS TRUE', false],
    [1, 'IS TRUE', false],
    ['yes', 'IS TRUE', false],
    [[true, 'true'], 'IS TRUE', true],
    [[true, false], 'IS TRUE', false],
    [false, 'IS FALSE', true],
    ['False', 'IS FALSE', true],
    [0, 'IS FALSE', false],
    [null, 'IS NULL', true],
    ['', 'IS NULL', true],
    [[], 'IS NULL', true],
    [['', null], 'IS NULL', true],
    [['', 'a'], 'IS NULL', false],
    [' ', 'IS NULL', false],
    [0, 'IS NULL', false],
    [false, 'IS NOT NULL', true],
    ['a', 'IS NOT NULL', true],
    [null, 'IS NOT NULL', false],
  ])('%j %s is %s', (actual, operator, expected) => expect(holds(operator, actual)).toBe(expected));
});

const nothing: AttributeValue[] = [null, '', []];

test.each(scopeOperators.filter((operator) => operator !== 'IS NULL'))('%s holds for no empty attribute', (operator) => {
  expect(nothing.map((actual) => holds(operator, actual, 'a'))).toEqual([false, false, false]);
  expect(evaluateClause({ attribute: 'x', operator, value: 'a' }, {}).holds).toBe(false);
});

test.each(scopeOperators.filter((operator) => !unaryOperators.has(operator)))(
  '%s without a value to compare with holds for nobody',
  (operator) => {
    expect([holds(operator, 'a'), holds(operator, 'a', '')]).toEqual([false, false]);
  },
);

test('attributes are looked up under exactly their name, and nothing is inherited', () => {
  const attributes = { Department: 'Finance', 'name.first': 'Jane', name: { last: 'Doe' } };
  const isNull = (attribute: string) => evaluateClause({ attribute, operator: 'IS NULL' }, attributes).holds;
  expect(['Department', 'department', 'name.first', 'name.last', 'constructor', '__proto__'].map(isNull)).toEqual([
    false,
    true,
    false,
    true,
    true,
    true,
  ]);
});

test('the condition reads as the file writes it, with the value it met', () => {
  const clause = { attribute: 'department', operator: 'EQUALS', value: 'Finance' } as const;
  expect(evaluateClause(clause, { department: ['Sales', 'Legal'] })).toEqual({
    clause: 'department EQUALS "Finance"',
    actual: 'Sales, Legal',
    holds: false,
  });
  expect(evaluateClause({ attribute: 'level', operator: 'GREATER_THAN', value: 3 }, {}).clause).toBe('level GREATER_THAN 3');
  expect(evaluateClause({ attribute: 'mail', operator: 'IS NOT NULL' }, {}).clause).toBe('mail IS NOT NULL');
});
