import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { expressionTree, withoutPlaces } from '../testing/index.js';
import { placed } from './expression-issue.js';
import { longestExpression, parseExpression } from './parse-expression.js';
import { printExpression } from './print-expression.js';

const treeOf = (text: string) => {
  const { expression, issue } = parseExpression(text);
  if (issue) throw new Error(placed(text, issue));
  return expression;
};
const issueOf = (text: string): string | null => {
  const { issue } = parseExpression(text);
  return issue ? placed(text, issue) : null;
};

test('every kind of argument is read with the place where it begins', () => {
  expect(treeOf('F([a b], "x\\\\\\"", , -12, &hF7, TRUE, vbTextCompare, G() <> 1)')).toEqual({
    kind: 'call',
    name: 'F',
    at: 0,
    args: [
      { kind: 'attribute', name: 'a b', at: 2 },
      { kind: 'text', value: 'x\\"', at: 9 },
      { kind: 'omitted', at: 18 },
      { kind: 'number', value: -12n, at: 20 },
      { kind: 'number', value: 247n, at: 25 },
      { kind: 'boolean', value: true, at: 31 },
      { kind: 'keyword', name: 'vbTextCompare', at: 37 },
      {
        kind: 'comparison',
        operator: '<>',
        left: { kind: 'call', name: 'G', args: [], at: 52 },
        right: { kind: 'number', value: 1n, at: 59 },
        at: 52,
      },
    ],
  });
});

test.each([
  ['brackets inside an attribute come in pairs', 'Trim([emails[type eq "work"].value])', 'Trim([emails[type eq "work"].value])'],
  ['white space and line breaks play no part', ' Join (\n"-" ,[a]\t, [b] ) ', 'Join("-", [a], [b])'],
  ['nothing after the last comma is an argument that was left out', 'Replace([a], "x", , , "y", , )', 'Replace([a], "x", , , "y", , )'],
  ['operators are read as far as they go', 'IIF([a]>=1, 2, 3)', 'IIF([a] >= 1, 2, 3)'],
])('%s', (_, text, printed) => expect(printExpression(treeOf(text))).toBe(printed));

describe('what is no expression is refused at its place', () => {
  // biome-ignore format: one row, one mistake
  test.each([
    ['Switch([a], "", "x", "y"', 'column 25: expected a closing parenthesis of Switch'],
    ['Switch([a] "x")', 'column 12: expected a comma or a closing parenthesis of Switch'],
    ['Append([a], Left([b], 2)', 'column 25: expected a closing parenthesis of Append'],
    ['Append([a], "x")) ', 'column 17: expected the end of the expression'],
    ['Append([a], "x', 'column 13: expected a closing double quote of this text'],
    ['Append([a, "x")', 'column 8: expected a closing bracket of this attribute'],
    ['Append([], "x")', 'column 8: expected the name of an attribute'],
    ['Append([a], "\\d")', 'column 14: expected a backslash or a double quote after this backslash; to mean a backslash, write two'],
    ["Append([a], 'x')", 'column 13: expected a function, an [attribute], a "text" or a number; texts stand in straight double quotes: "text"'],
    ['Append([a], “x”)', 'column 13: expected a function, an [attribute], a "text" or a number; texts stand in straight double quotes: "text"'],
    ['IIF([a] = , 1, 2)', 'column 11: expected a function, an [attribute], a "text" or a number'],
    ['IIF([a] = 1 AND [b] = 2, 1, 2)', 'column 13: expected a comma or a closing parenthesis of IIF; there is no AND and no OR: nest IIF'],
    ['Append([a] & [b], "x")', 'column 12: expected a comma or a closing parenthesis of Append; there is no operator &: use Join or Append'],
    ['Left([a], 1.5)', 'column 12: numbers are whole: expected no decimal point'],
    ['[department]', 'column 1: expected a function; an attribute alone is what "source" is for'],
    ['"text"', 'column 1: expected a function; a fixed value is what "constant" is for'],
    ['Now', 'column 1: expected a function; its arguments stand in parentheses'],
    ['', 'column 1: expected a function, an [attribute], a "text" or a number'],
    ['Join("-",\n  [a] [b])', 'line 2, column 7: expected a comma or a closing parenthesis of Join'],
    ['Join("👍" [b])', 'column 10: expected a comma or a closing parenthesis of Join'],
  ])('%s', (text, message) => expect(issueOf(text)).toBe(message));

  test('when it is too long or nested too deep', () => {
    expect(issueOf(`Trim("${'x'.repeat(longestExpression)}")`)).toBe('column 10001: an expression has at most 10000 characters');
    expect(issueOf(`${'Trim('.repeat(64)}"x"${')'.repeat(64)}`)).toBeNull();
    expect(issueOf(`${'Trim('.repeat(65)}"x"${')'.repeat(65)}`)).toBe('column 321: functions are nested more than 64 deep');
  });
});

test('reading what was printed gives the same tree', () => {
  fc.assert(
    fc.property(expressionTree(), (tree) => {
      const text = printExpression(tree);
      fc.pre(text.length <= longestExpression);
      expect(withoutPlaces(treeOf(text))).toEqual(tree);
    }),
    { numRuns: 500 },
  );
});

test('any text is read or refused at a place inside it, and nothing else happens', () => {
  const pieces = fc.constantFrom('Left', '(', ')', '[', ']', '"', '\\', ',', ' ', '=', '<', '>', '-', '&H', '1', 'a', '\n', '👍', 'True');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((some) => some.join('')),
      ),
      (text) => {
        const { issue } = parseExpression(text);
        if (issue) expect(issue.at >= 0 && issue.at <= text.length).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
