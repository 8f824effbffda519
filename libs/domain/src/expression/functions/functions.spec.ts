import { describe, expect, test } from '@jest/globals';

import type { AttributeBag } from '../../object/attributes.js';
import { expressionContext } from '../../testing/index.js';
import { checkExpression } from '../check-expression.js';
import { evaluateExpression } from '../evaluate-expression.js';
import type { ContextNeed } from '../expression-context.js';
import type { ExpressionErrorCode } from '../fault.js';
import { parseExpression } from '../parse-expression.js';
import { functionDefinitions } from './index.js';

const everything = new Set(Object.keys(expressionContext()) as ContextNeed[]);

const read = (text: string) => {
  const { expression, issue } = parseExpression(text);
  if (!expression) throw new Error(`${text}: ${issue.message}`);
  return expression;
};
const result = (text: string, given: AttributeBag = {}) => evaluateExpression(read(text), given, expressionContext());
/** The value, or the code of the error. */
const outcome = (text: string, given?: AttributeBag) => {
  const { value, error } = result(text, given);
  return error ? error.code : value;
};
const issues = (text: string) => checkExpression(read(text), { available: everything }).map(({ message }) => message);

test('the functions of the reference are all there', () => {
  const names =
    'Append AppRoleAssignments AppRoleAssignmentsComplex AssertiveAppRoleAssignmentsComplex BitAnd CBool CDate Coalesce Contains ' +
    'ConvertFromBase64 ConvertToBase64 ConvertToUTF8Hex Count CStr DateAdd DateDiff DateFromNum DefaultDomain DNComponent Error FormatDateTime ' +
    'Guid IgnoreFlowIfNullOrEmpty IIF InStr IsNothing IsNull IsNullOrEmpty IsPresent IsString Item Join Left Len Mid NormalizeDiacritics Not Now ' +
    'NumFromDate PCase Prepend RandomString Redact RemoveDuplicates Replace SelectUniqueValue SingleAppRoleAssignment Split StringFromSid ' +
    'StripSpaces Switch ToLower ToUpper Trim Word';
  expect(functionDefinitions.map(({ name }) => name).sort()).toEqual(names.split(' ').sort());
});

describe('the example of', () => {
  const examples = functionDefinitions
    .filter(({ name }) => name !== 'RandomString')
    .flatMap((one) => one.examples.map(({ expression, given, gives }) => [one.name, expression, given, gives] as const));
  test.each(examples)('%s: %s', (_, expression, given, gives) => {
    expect(issues(expression)).toEqual([]);
    expect(result(expression, given)).toEqual({ value: gives });
  });
});

describe('without a value, and at the edges', () => {
  const given: AttributeBag = {
    list: ['a', 'b'],
    one: ['x'],
    yes: true,
    no: false,
    n: 7,
    f: 1.5,
    empty: '',
    none: [],
    role: { value: 'r' },
  };
  // biome-ignore format: one row, one case
  test.each<[string, unknown]>([
    ['Append([x], "y")', null], ['Append("x", [y])', null], ['Append([empty], "y")', 'y'], ['Append([n], [yes])', '7True'], ['Append([one], "y")', 'xy'],
    ['Append([list], "y")', 'wrong-type'], ['Append([role], "y")', 'wrong-type'],
    ['Prepend("x", [y])', null], ['Prepend([list], "y")', 'wrong-type'],
    ['AppRoleAssignments([x])', null], ['AppRoleAssignments([list])', ['a', 'b']], ['AppRoleAssignments([role])', ['r']], ['AppRoleAssignments([yes])', ['True']],
    ['AppRoleAssignmentsComplex([appRoleAssignments])', null], ['AssertiveAppRoleAssignmentsComplex([appRoleAssignments])', null],
    ['SingleAppRoleAssignment([appRoleAssignments])', null],
    ['BitAnd([x], 1)', null], ['BitAnd("6", "3")', '2'], ['BitAnd(-1, 255)', '255'], ['BitAnd("six", 3)', 'wrong-type'], ['BitAnd([f], 3)', 'wrong-type'],
    ['CBool([x])', 'False'], ['CBool([yes])', 'True'], ['CBool("TRUE")', 'True'], ['CBool("0")', 'False'], ['CBool(-2)', 'True'], ['CBool([f])', 'True'], ['CBool([list])', 'False'],
    ['CDate([x])', null], ['CDate(" ")', null], ['CDate("31/31/2024")', 'bad-date'], ['CDate("2024-02-30")', 'bad-date'], ['CDate([list])', 'wrong-type'], ['CDate([n])', 'wrong-type'],
    ['CDate("2026-11-22T05:06:07.1234567Z")', '11/22/2026 5:06:07 AM'], ['CDate("2026-11-22 13:06 +02:00")', '11/22/2026 11:06:00 AM'],
    ['CDate("11/22/2026 5:06:07 PM")', '11/22/2026 5:06:07 PM'], ['CDate("22 Nov 2026")', '11/22/2026 12:00:00 AM'], ['CDate("Sun, 22 Nov 2026 05:06:07 GMT")', '11/22/2026 5:06:07 AM'],
    ['CDate("0001-01-01+14:00")', 'bad-date'],
    ['Coalesce([x], [none], [empty])', ''], ['Coalesce([x], [y])', null], ['Coalesce([list], "z")', ['a', 'b']], ['Coalesce("a", Error("not reached"))', 'a'],
    ['Contains([x], "a")', '0'], ['Contains([list], "B")', '0'], ['Contains([list], [x])', '0'], ['Contains([one], "x")', '1'], ['Contains([n], "7")', '1'],
    ['ConvertFromBase64([x])', null], ['ConvertFromBase64("%")', 'bad-value'], ['ConvertFromBase64("/w==", UTF8)', 'bad-value'], ['ConvertFromBase64("w6s=", ASCII)', 'bad-value'], ['ConvertFromBase64("QWRh", ASCII)', 'Ada'],
    ['ConvertFromBase64(ConvertToBase64("Zoë👍"))', 'Zoë👍'],
    ['ConvertToBase64([x])', null], ['ConvertToBase64([empty])', ''], ['ConvertToBase64([list])', 'wrong-type'],
    ['ConvertToUTF8Hex([x])', null], ['ConvertToUTF8Hex("👍")', 'F09F918D'], ['ConvertToUTF8Hex([list])', 'wrong-type'],
    ['Count([x])', '0'], ['Count([none])', '0'], ['Count("a")', '1'], ['Count([role])', '1'],
    ['CStr([x])', null], ['CStr([f])', '1.5'], ['CStr([no])', 'False'], ['CStr([list])', 'wrong-type'], ['CStr([role])', 'wrong-type'],
    ['DateAdd("d", [x], "2024-01-01")', null], ['DateAdd("d", 1, [x])', null], ['DateAdd("d", 1, [empty])', null], ['DateAdd("yyyy", 1, "2024-02-29")', '2/28/2025 12:00:00 AM'],
    ['DateAdd("ww", -1, "2024-01-03")', '12/27/2023 12:00:00 AM'], ['DateAdd("h", 25, "2024-01-01")', '1/2/2024 1:00:00 AM'], ['DateAdd("n", -1, "2024-01-01")', '12/31/2023 11:59:00 PM'],
    ['DateAdd("s", 86399, "2024-01-01")', '1/1/2024 11:59:59 PM'], ['DateAdd("yyyy", 9000, "2024-01-01")', 'out-of-range'], ['DateAdd([one], 1, "2024-01-01")', 'bad-value'],
    ['DateAdd("d", 99999999999999999999, "2024-01-01")', 'out-of-range'], ['DateAdd("m", -1, "0001-01-01")', 'out-of-range'], ['DateAdd("m", -13, "2024-03-31")', '2/28/2023 12:00:00 AM'],
    ['DateDiff("d", [x], "2024-01-01")', null], ['DateDiff("d", "2024-01-02T23:00", "2024-01-01")', '-1'], ['DateDiff("h", "2024-01-01T01:59", "2024-01-01")', '-1'],
    ['DateDiff("n", "2024-01-01", "2024-01-01T00:01:59")', '1'], ['DateDiff("s", "2024-01-01", "2024-01-01T00:00:00.9Z")', '0'], ['DateDiff("m", "2024-01-31", "2025-02-01")', '13'],
    ['DateDiff("ww", "2026-11-22", "2026-11-28")', '0'], ['DateDiff("ww", "2026-11-22", "2026-11-21")', '-1'], ['DateDiff("yyyy", "2025-01-01", "2024-12-31")', '-1'], ['DateDiff("d", "soon", "2024-01-01")', 'bad-date'],
    ['DateFromNum([x])', null], ['DateFromNum(0)', '1/1/1601 12:00:00 AM'], ['DateFromNum("soon")', 'wrong-type'], ['DateFromNum(9999999999999999999)', 'out-of-range'],
    ['NumFromDate([x])', null], ['NumFromDate([empty])', null], ['NumFromDate("7/1/2026")', 'bad-date'], ['NumFromDate("2026-07-01")', '134273376000000000'], ['NumFromDate(CDate("2026-07-01"))', '134273376000000000'], ['NumFromDate([list])', 'wrong-type'],
    ['DNComponent([x], 1)', null], ['DNComponent("cn=Doe\\\\, Jane,ou=x", 1)', 'Doe, Jane'], ['DNComponent("cn=Zo\\\\C3\\\\AB,ou=x", 1)', 'Zoë'], ['DNComponent("cn=a", 2)', null], ['DNComponent("cn=a", 0)', 'out-of-range'],
    ['Error("stop")', 'raised'], ['Error([x])', 'raised'], ['IIF(True, "a", Error("not reached"))', 'a'],
    ['FormatDateTime([x], , "yyyy", "yyyy")', null], ['FormatDateTime([empty], , "yyyy", "yyyy")', null], ['FormatDateTime("2024", , "MM", "yyyy")', 'bad-date'], ['FormatDateTime("x", , [empty], "yyyy")', 'bad-value'],
    ['FormatDateTime("07/11/2024", "dd/MM/yyyy", "yyyy-MM-dd")', '2024-11-07'], ['FormatDateTime("07/11/2024", "dd/MM/yyyy", "yyyy-MM-dd", )', '2024-11-07'], ['FormatDateTime(" 1 2 24 ", , "d M yy", "d")', '02/01/2024'],
    ['FormatDateTime(" 1", None, "%d", "dd")', 'bad-date'], ['FormatDateTime("1 / 2", AllowWhiteSpaces, "d/M", "MMMM")', 'February'], ['FormatDateTime("1", "Sometimes", "%d", "dd")', 'bad-value'], ['FormatDateTime(" 1", "AllowLeadingWhite , AssumeUniversal", "%d", "dd")', '01'],
    ['FormatDateTime("2024-11-07T01:30:00+02:00", , "yyyy-MM-ddTHH:mm:sszzz", "u")', '2024-11-06 23:30:00Z'], ['FormatDateTime("Thu 7 Nov 2024 1:05 pm", , "ddd d MMM yyyy h:mm tt", "s")', '2024-11-07T13:05:00'],
    ['FormatDateTime("7 november 2024", , "d MMMM yyyy", "dddd, \'day\' d")', 'Thursday, day 7'], ['FormatDateTime("2024-11-07", , "yyyy-MM-dd", "ss.FFFK zz")', '00Z +00'], ['FormatDateTime("12.5", , "ss.FFF", "ss.fff")', '12.500'],
    ['IgnoreFlowIfNullOrEmpty([x])', null], ['IgnoreFlowIfNullOrEmpty([n])', '7'], ['IgnoreFlowIfNullOrEmpty([list])', ['a', 'b']],
    ['IIF([x] = "a", 1, 2)', '2'], ['IIF([x] <> "a", 1, 2)', '2'], ['IIF([empty] <> "a", 1, 2)', '2'], ['IIF(IsNullOrEmpty([x]), 1, 2)', '1'], ['IIF([yes], 1, 2)', '1'], ['IIF("perhaps", 1, 2)', '2'], ['IIF([x], 1, 2)', '2'],
    ['InStr([x], "a")', '0'], ['InStr("a", [x])', '0'], ['InStr("Abab", "b", 3)', '4'], ['InStr("Abab", "B")', '0'], ['InStr("Abab", "B", 1, "VBTEXTCOMPARE")', '2'], ['InStr("abc", "", 2)', '2'], ['InStr("abc", "c", 9)', '0'], ['InStr("abc", "a", 0)', 'out-of-range'], ['InStr("👍é", "é")', '2'], ['InStr("İx", "X", , vbTextCompare)', '2'],
    ['IsNothing([none])', 'True'], ['IsNull([none])', 'True'], ['IsNull([no])', 'False'], ['IsNullOrEmpty([n])', 'False'], ['IsNullOrEmpty([none])', 'True'], ['IsPresent([x])', 'False'], ['IsPresent([no])', 'True'],
    ['IsString([x])', 'False'], ['IsString([n])', 'True'], ['IsString([list])', 'False'], ['IsString([one])', 'True'], ['IsString([role])', 'False'],
    ['Item([x], 1)', null], ['Item([list], 0)', 'out-of-range'], ['Item([list], 3)', 'out-of-range'], ['Item("a", 1)', 'a'], ['Item([list], "b")', 'wrong-type'],
    ['Join("-", [x], [empty], [none])', ''], ['Join([x], "a", "b")', 'ab'], ['Join("-", [empty], [n], [yes])', '7-True'], ['Join("-", "a", , "b")', 'a-b'], ['Join("-", [role])', 'wrong-type'], ['Join([list], "a")', 'wrong-type'],
    ['Left([x], 1)', ''], ['Left("ab", 0)', ''], ['Left("ab", -1)', 'ab'], ['Left("ab", 9)', 'ab'], ['Left("ab", 99999999999999999999)', 'ab'], ['Left("ab", [x])', 'missing-value'], ['Left("ab", "x")', 'wrong-type'], ['Left([n], 1)', '7'],
    ['Len([x])', '0'], ['Len([n])', '1'], ['Len([list])', 'wrong-type'],
    ['Mid([x], 1, 1)', null], ['Mid("abc", 1, 0)', ''], ['Mid("abc", 0, 1)', 'out-of-range'], ['Mid("abc", 1, -1)', 'out-of-range'], ['Mid("a👍c", 2, 1)', '👍'], ['Mid("abc", "b", 1)', 'wrong-type'],
    ['NormalizeDiacritics([x])', null], ['NormalizeDiacritics("äÖßøŁıİœ\u0304œðđþħ")', 'aOssoeLiIoeœðđþħ'], ['NormalizeDiacritics("Ǿ ǽ ế e\u0301 й Ω ẞ")', 'OE ae e e й Ω SS'], ['NormalizeDiacritics([list])', 'wrong-type'],
    ['Not([x])', 'True'], ['Not([yes])', 'False'], ['Not("true")', 'False'], ['Not(1)', 'True'], ['Not([list])', 'True'],
    ['PCase([x])', null], ['PCase("don’t STOP_now x9y")', 'Don’t Stop_Now X9y'], ['PCase("a.b-c d", "-")', 'A.b-C d'], ['PCase("ÉLODIE")', 'Élodie'], ['PCase([list])', 'wrong-type'],
    ['RandomString([x], 0, 0, 0, 0)', null], ['RandomString(257, 0, 0, 0, 0)', 'out-of-range'], ['RandomString(3, 1, 1, 1, 1)', 'out-of-range'], ['RandomString(-1, 0, 0, 0, 0)', 'out-of-range'], ['RandomString(0, 0, 0, 0, 0)', ''], ['RandomString(1, 1, 0, 0, 0, "0123456789")', 'out-of-range'], ['RandomString("x", 0, 0, 0, 0)', 'wrong-type'],
    ['Redact([x])', null], ['Redact([n])', '7'], ['Redact(Error("secret words"))', 'raised'],
    ['RemoveDuplicates([x])', null], ['RemoveDuplicates("a")', ['a']], ['RemoveDuplicates(Split("a,A,b,a"))', ['a', 'A', 'b']],
    ['Replace([x], "a", , , "b", , )', null], ['Replace([empty], "a", , , , , "x-a")', ''], ['Replace("aAa", "a", , , [x], , )', 'A'], ['Replace("aa", [empty], , , "b", , )', 'aa'], ['Replace([list], "a", , , "b", , )', 'wrong-type'],
    ['Replace("a1", , "[", , "b", , )', 'bad-pattern'], ['Replace("a1b2", , "\\\\d", , "<$0|$&|$$|$9|${x}>", , )', 'a<1|1|$|$9|${x}>b<2|2|$|$9|${x}>'], ['Replace("abc", , "b", , "($`|$\'|$_|$+)", , )', 'a(a|c|abc|b)c'],
    ['Replace("ab", , "(?<n>a)(c)?", , "[$1$2]", , )', '[a]b'], ['Replace("ab", , "x", , "y", , )', 'ab'], ['Replace("ab", , "x*", , "-", , )', '-a-b-'],
    ['Replace("x1y2", , "(?<n>\\\\d)", "n", "$0", , )', 'x$0y$0'], ['Replace("x1", , "(?<n>\\\\d)", "m", "9", , )', 'bad-pattern'], ['Replace("ab", , "(?<n>z)?a", "n", "9", , )', 'ab'],
    ['Replace("desk", , "(?<n>\\\\d+)", "n", , [n], )', 'desk'], ['Replace([x], , "(?<n>\\\\d+)", "n", , [n], )', '7'], ['Replace([x], , "(?<n>\\\\d+)", "n", , "none", )', null], ['Replace([x], , "(?<n>\\\\d+)", "n", , [y], )', null],
    ['Replace("a")', 'wrong-arguments'],
    ['SelectUniqueValue("taken", [x], "free")', 'free'], ['SelectUniqueValue("taken", "taken")', 'not-unique'], ['SelectUniqueValue([list], "a")', 'wrong-type'],
    ['Split([x])', null], ['Split([empty])', []], ['Split("a;;b ", ";")', ['a', '', 'b']], ['Split("a,b", [empty])', ['a,b']], ['Split("a👍b", "👍")', ['a', 'b']], ['Split([list])', 'wrong-type'],
    ['StringFromSid([x])', null], ['StringFromSid("AQ==")', 'bad-value'], ['StringFromSid("AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwr/1IAQ==")', 'S-1-5-21-2127521184-1604012920-1887927527-21560751'],
    ['StripSpaces([x])', null], ['StripSpaces("a\u00a0 b")', 'a\u00a0b'], ['StripSpaces([list])', 'wrong-type'],
    ['Switch([x], "d", "a", "b")', 'd'], ['Switch([x], , "a", "b")', null], ['Switch([empty], "d", "", "none")', 'none'], ['Switch([yes], "d", "True", "t")', 't'], ['Switch("a", "d", "A", "b")', 'd'], ['Switch("a", , "a", )', null], ['Switch([list], "d", "a", "b")', 'wrong-type'], ['Switch("a", Error("not reached"), "a", "b", Error("nor this"), "c")', 'b'],
    ['ToLower([x])', null], ['ToLower("İI", "tr-TR")', 'iı'], ['ToUpper("iß", "tr")', 'İSS'], ['ToUpper("i", "no such")', 'bad-value'], ['ToLower([list])', 'wrong-type'],
    ['Trim([x])', null], ['Trim(Split(" a ; b", ";"))', ['a', 'b']], ['Trim([n])', '7'], ['Trim([role])', 'wrong-type'],
    ['Word([x], 1, " ")', ''], ['Word("a b", 0, " ")', ''], ['Word("a b", 3, " ")', ''], ['Word("a b", 1, [x])', 'a b'], ['Word("é👍ü", 2, "👍")', 'ü'], ['Word([list], 1, " ")', 'wrong-type'],
    ['NoSuch("a")', 'unknown-function'],
  ])('%s gives %j', (expression, expected) => expect(outcome(expression, given)).toEqual(expected));

  test('every function has a row, and refuses too many arguments and too few', () => {
    for (const { name, parameters, repeats } of functionDefinitions) {
      const needsSome = parameters.some(({ isOptional }) => !isOptional) || repeats.length > 0;
      if (needsSome) expect([name, outcome(`${name}()`)]).toEqual([name, 'wrong-arguments' satisfies ExpressionErrorCode]);
      if (repeats.length === 0) {
        const tooMany = Array.from({ length: parameters.length + 1 }, () => '"x"').join(', ');
        expect([name, outcome(`${name}(${tooMany})`)]).toEqual([name, 'wrong-arguments']);
      }
    }
  });
});

test('random text has its length and its minimums, and avoids what is to be avoided', () => {
  const { value } = result('RandomString(40, 5, 5, 5, 5, "O0l1")');
  const count = (signs: RegExp) => (value as string).match(signs)?.length ?? 0;
  expect(value).toHaveLength(40);
  expect([count(/\d/g), count(/[A-Z]/g), count(/[a-z]/g), count(/[^\dA-Za-z]/g)].every((number) => number >= 5)).toBe(true);
  expect(value).not.toMatch(/[O0l1]/);
});

test('what was left out of the context is not made up', () => {
  for (const text of ['Now()', 'Guid()', 'RandomString(1, 0, 0, 0, 0)', 'SelectUniqueValue("a", "b")', 'DefaultDomain()'])
    expect(evaluateExpression(read(text), {}).error?.code).toBe('not-available');
});

test('an error inside Redact does not show what it was about', () => {
  expect(result('Redact(CDate([secret]))', { secret: '77-1234' }).error).toEqual({
    code: 'bad-date',
    message: 'what stands in Redact failed',
    at: 13,
  });
});
