import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { expressionContext, expressionTree } from '../testing/index.js';
import { checkExpression } from './check-expression.js';
import type { ContextNeed } from './expression-context.js';
import { placed } from './expression-issue.js';
import { parseExpression } from './parse-expression.js';

const all = new Set(Object.keys(expressionContext()) as ContextNeed[]);

function issuesOf(text: string, available: ReadonlySet<ContextNeed> = all): string[] {
  const { expression } = parseExpression(text);
  return checkExpression(expression!, { available }).map((issue) => placed(text, issue));
}

describe('what can be known without an object is said at its place', () => {
  // biome-ignore format: one row, one mistake
  test.each([
    ['Swich([a], "", "x", "y")', 'column 1: there is no function "Swich"; did you mean "Switch"?'],
    ['Frobnicate([a])', 'column 1: there is no function "Frobnicate"'],
    ['Append(Lef([a], 1), "x")', 'column 8: there is no function "Lef"; did you mean "Left"?'],
    ['Left([a])', 'column 1: expected Left(string, numChars), found 1 argument'],
    ['Append(Left([a], 1, 2), "x")', 'column 8: expected Left(string, numChars), found 3 arguments'],
    ['Left([a], )', 'column 11: numChars of Left is missing'],
    ['Now("x")', 'column 1: expected Now(), found 1 argument'],
    ['Coalesce()', 'column 1: expected Coalesce(source, ...), found no argument'],
    ['Switch([a], "d", "x", "y", "z")', 'column 1: expected Switch(source, defaultValue?, key, value?, ...), found 5 arguments'],
    ['SelectUniqueValue([a])', 'column 1: expected SelectUniqueValue(rule1, rule, ...), found 1 argument'],
    ['Append(SelectUniqueValue([a], [b]), "x")', 'column 8: SelectUniqueValue must be the outermost function'],
    ['Left([a], "two")', 'column 11: numChars of Left must be a whole number, found "two"'],
    ['Left([a], True)', 'column 11: numChars of Left must be a whole number, found true'],
    ['CDate("31/12/2024")', 'column 7: expression of CDate must be a date, found "31/12/2024"'],
    ['CDate(5)', 'column 7: expression of CDate must be a date, found 5'],
    ['DateAdd("dd", 1, [a])', 'column 9: interval of DateAdd must be one of yyyy, m, d, ww, h, n, s, found "dd"'],
    ['InStr([a], "x", 1, vbTextCompar)', 'column 20: compareType of InStr must be one of vbBinaryCompare, vbTextCompare, found "vbTextCompar"'],
    ['Append([a], text)', 'column 13: "text" is no keyword here; texts stand in double quotes, attributes in brackets'],
    ['Append([a] = "x", "y")', 'column 8: source of Append must not be a comparison; only the conditions of IIF and CBool are'],
    ['IIF([a] = "", 1, 2)', 'column 11: a comparison with an empty text never holds; use IsNullOrEmpty, or Switch with the key ""'],
    ['IIF([a] = text, 1, 2)', 'column 11: "text" is no keyword here; texts stand in double quotes, attributes in brackets'],
    ['Replace([a], , "\\\\d(?=x)", , "y", , )', 'column 20: character 3 of the pattern: look-around is not supported: say in the pattern itself what stands around the match'],
    ['Replace([a], , "(?<n>x)", "m", "y", , )', 'column 27: the pattern has no group named "m"'],
    ['Replace([a], "", , , "y", , )', 'column 14: oldValue of Replace must not be empty'],
    ['ToLower([a], "no such")', 'column 14: "no such" is not the name of a culture'],
    ['FormatDateTime([a], , "yyyy \'x", "dd")', "column 23: a date format has a ' that is not closed"],
    ['FormatDateTime([a], , "yyyy", )', 'column 1: FormatDateTime needs an inputFormat and an outputFormat'],
    ['FormatDateTime([a], Sometimes, "yyyy", "MM")', 'column 21: dateTimeStyles of FormatDateTime must be one of None, AllowLeadingWhite, AllowTrailingWhite, AllowInnerWhite, AllowWhiteSpaces, NoCurrentDateDefault, AdjustToUniversal, AssumeLocal, AssumeUniversal, RoundtripKind, found "Sometimes"'],
    ['AppRoleAssignmentsComplex([roles])', 'column 27: the argument of AppRoleAssignmentsComplex can only be [appRoleAssignments]'],
  ])('%s', (text, message) => expect(issuesOf(text)).toEqual([message]));

  test('and sets of arguments of Replace that mean nothing', () =>
    expect(issuesOf('Replace([a], "x", "y")')[0]).toMatch(/^column 1: Replace takes oldValue with/));

  test('all together, in the order of the text', () =>
    expect(issuesOf('Join("-", Lef([a], 1), Left([b]))').map((issue) => issue.split(':')[0])).toEqual(['column 11', 'column 24']));
});

test('names are taken in any case', () => expect(issuesOf('cstr(GUID())')).toEqual([]));

test('a function that needs what is not there is refused', () =>
  expect(issuesOf('Append("x", Now())', new Set())).toEqual(['column 13: Now needs the time, which is not available here']));

test('any tree is checked without an accident', () => {
  fc.assert(
    fc.property(expressionTree(), (tree) => {
      for (const { at } of checkExpression(tree, { available: new Set() })) expect(at).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 500 },
  );
});
