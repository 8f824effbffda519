import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { attributeBag, expressionContext, expressionTree } from '../testing/index.js';
import { evaluateExpression } from './evaluate-expression.js';
import { expressionErrorCodes } from './fault.js';
import { parseExpression } from './parse-expression.js';
import { traceExpression } from './trace-expression.js';

const read = (text: string) => parseExpression(text).expression!;
const valueOf = (text: string, given: AttributeBag = {}) => evaluateExpression(read(text), given, expressionContext()).value;

describe('comparisons', () => {
  // biome-ignore format: one row, one case
  test.each<[AttributeValue, string, AttributeValue, boolean]>([
    ['a', '=', 'a', true], ['a', '=', 'A', false], ['a', '<>', 'b', true], ['7', '=', '07', false], [7, '=', '07', true], [7, '=', '7.0', true], ['7', '<>', 8, true],
    [10, '>', 9, true], ['10', '>', '9', true], ['b', '>', 'a', true], ['10', '<', 'a', true], [1.5, '>=', 1, true], [1, '<=', 1, true],
    [true, '=', 'TRUE', true], [true, '=', 'True', true], [false, '=', 'true', false], [['x'], '=', 'x', true],
    [null, '=', 'a', false], [null, '<>', 'a', false], ['', '<>', 'a', false], ['a', '>', null, false], [[], '<>', 'a', false],
    ['90071992547409931', '>', '90071992547409930', true],
  ])('%j %s %j is %s', (left, operator, right, expected) =>
    expect(valueOf(`IIF([left] ${operator} [right], "yes", "no")`, { left, right })).toBe(expected ? 'yes' : 'no'));

  test('dates are compared as instants', () => {
    expect(valueOf('CBool(CDate([a]) < CDate([b]))', { a: '2024-02-10T23:00+02:00', b: '2024-02-10T22:00Z' })).toBe('True');
    expect(valueOf('CBool(CDate([a]) = [b])', { a: '2024-02-10', b: '2/10/2024' })).toBe('True');
  });

  test('a side of several values fails', () =>
    expect(evaluateExpression(read('CBool([a] = "x")'), { a: ['x', 'y'] }).error).toEqual({
      code: 'wrong-type',
      message: 'a list of 2 values cannot be compared',
      at: 6,
    }));
});

test('an error names the sub-expression that failed', () =>
  expect(evaluateExpression(read('Join("-", Left([a], [b]), "x")'), { a: 'abc', b: 'two' }).error).toEqual({
    code: 'wrong-type',
    message: 'numChars of Left must be a whole number, found text',
    at: 20,
  }));

test('attributes are looked up by exactly their names, and nothing is inherited', () => {
  expect(valueOf('Coalesce([Email], [constructor], [__proto__], "none")', { email: 'x' })).toBe('none');
  expect(valueOf('Trim([emails[type eq "work"].value])', { 'emails[type eq "work"].value': ' x ' })).toBe('x');
});

test('a person whose values are computed is wanted, unless the attributes say otherwise', () => {
  expect(valueOf('Switch([IsSoftDeleted], , "False", "True", "True", "False")')).toBe('True');
  expect(valueOf('Not([IsSoftDeleted])', { IsSoftDeleted: true })).toBe('False');
});

test('results are passed on as text; complex values and lists keep their form', () => {
  expect(valueOf('Coalesce([a])', { a: [1, true, 'x', null, { y: 1 }] })).toEqual(['1', 'True', 'x', null, { y: 1 }]);
  expect(valueOf('Coalesce([a])', { a: 1e300 })).toBe('1e+300');
});

describe('a text that grows without end is stopped before it has grown', () => {
  const long = 'a'.repeat(50_000);
  test.each([
    'Append([a], Append([a], [a]))',
    'Join([a], [a], [a], [a])',
    'Replace([a], "a", , , [a], , )',
    'Replace([a], , "a", , [a], , )',
    'Replace([a], , "a", , "$_", , )',
    'Split([a], "a")',
    'ConvertToUTF8Hex(Append([a], "a"))',
  ])('%s', (text) => expect(evaluateExpression(read(text), { a: long }).error?.code).toBe('too-large'));
});

describe('a trace', () => {
  test('tells every sub-expression with its value, and what was not needed', () => {
    const { result, steps } = traceExpression(read('IIF([a] = "x", Left([b], 1), Error("no"))'), { a: 'x', b: 'Ada' });
    expect(result).toEqual({ value: 'A' });
    expect(steps.map(({ depth, text, state, value }) => [depth, text, state, value])).toEqual([
      [0, 'IIF([a] = "x", Left([b], 1), Error("no"))', 'value', 'A'],
      [1, '[a] = "x"', 'value', 'True'],
      [2, '[a]', 'value', 'x'],
      [2, '"x"', 'value', 'x'],
      [1, 'Left([b], 1)', 'value', 'A'],
      [2, '[b]', 'value', 'Ada'],
      [2, '1', 'value', '1'],
      [1, 'Error("no")', 'skipped', null],
      [2, '"no"', 'skipped', null],
    ]);
  });

  test('shows an error at its sub-expression and at those that it broke', () => {
    const error = { code: 'bad-date', message: 'expression of CDate: "soon" is not a date that can be read', at: 11 };
    const { result, steps } = traceExpression(read('CStr(CDate([a]))'), { a: 'soon' });
    expect(result).toEqual({ error });
    expect(steps.map(({ text, state, error: found }) => [text, state, found])).toEqual([
      ['CStr(CDate([a]))', 'error', error],
      ['CDate([a])', 'error', error],
      ['[a]', 'value', undefined],
    ]);
  });

  test('hides what stands in Redact', () => {
    const { steps } = traceExpression(read('Redact(Append([a], "!"))'), { a: 'secret' });
    expect(JSON.stringify(steps)).not.toContain('"secret');
    expect(steps.map(({ value }) => value)).toEqual(['[Redact]', '[Redact]', '[Redact]', '[Redact]']);
  });
});

test('any tree over any attributes gives a value or an error of the closed set, twice the same, and traced the same', () => {
  fc.assert(
    fc.property(expressionTree(), attributeBag(), fc.boolean(), (tree, attributes, isGiven) => {
      const context = () => (isGiven ? expressionContext() : {});
      const result = evaluateExpression(tree, attributes, context());
      if (result.error) expect(expressionErrorCodes).toContain(result.error.code);
      else expect(result.value).not.toBeUndefined();
      expect(evaluateExpression(tree, attributes, context())).toEqual(result);
      expect(traceExpression(tree, attributes, context()).result).toEqual(result);
    }),
    { numRuns: 2_000 },
  );
});
