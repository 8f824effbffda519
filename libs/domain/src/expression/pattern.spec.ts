import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { compilePattern, patternOf } from './pattern.js';

const find = (pattern: string, text: string): string[] =>
  [...patternOf(pattern).matches(text)].map(({ start, end }) => text.slice(start, end));

// biome-ignore format: one row, one case
test.each([
  ['\\w+', 'Zoë Müller_1', ['Zoë', 'Müller_1']],
  ['[^\\W\\d_]+', 'Zoë9Ada', ['Zoë', 'Ada']],
  ['\\D+', 'a1é', ['a', 'é']],
  ['\\d+', 'x٣4', ['٣4']],
  ['\\S+', 'a\u00a0b c', ['a', 'b', 'c']],
  ['[\\S]+', 'Ω б,', ['Ω', 'б,']],
  ['a\\sb', 'a\u2003b', ['a\u2003b']],
  ['(?i)ÄB', 'äb', ['äb']],
  ["(?'n'a)b", 'ab', ['ab']],
  ['a(?#not b)c', 'ac', ['ac']],
  ['\\u00e9\\x41\\e?', 'éA', ['éA']],
  ['[]a]+', ']a', [']a']],
  ['[[a]+', '[a', ['[a']],
  ['👍+', 'x👍👍', ['👍👍']],
  ['a|b\\Z', 'ab', ['a', 'b']],
  ['', '👍', ['', '']],
])('%s in %j finds %j', (pattern, text, found) => expect(find(pattern, text)).toEqual(found));

describe('what cannot be matched in linear time, or would mean something else, is refused at its place', () => {
  // biome-ignore format: one row, one construct
  test.each([
    ['ab(?=c)', 2, 'look-around is not supported: say in the pattern itself what stands around the match'],
    ['(?<!a)b', 0, 'look-around is not supported: say in the pattern itself what stands around the match'],
    ['a(?>b)', 1, 'atomic groups are not supported'],
    ['(a)\\1', 3, 'references back to a group are not supported'],
    ['\\bEMP', 0, 'word boundaries are not supported: say which characters stand there, such as (^|\\W)'],
    ['[a-z-[aeiou]]', 4, 'classes minus classes are not supported'],
    ['x[a', 1, 'expected a closing bracket of this class'],
    ['(?x) a', 0, 'this kind of group is not supported'],
    ['(?<1a>b)', 0, 'the name of a group must not begin with a digit'],
    ['a\\', 1, 'a backslash at the end escapes nothing'],
    ['\\u12', 0, 'expected four hexadecimal digits'],
    ['ab*+', 2, 'invalid nested repetition operator: *+'],
    ['x(', 0, 'missing closing ): x('],
    ['\\p{IsGreek}', 0, 'invalid character class range: \\p{IsGreek}'],
    ['\\w{900}\\w{900}\\w{900}', 0, 'the pattern is too large'],
    ['(\\w{900}){9}', 9, 'invalid repeat count: {9}'],
  ])('%s', (pattern, at, message) => {
    expect(compilePattern(pattern).issue).toEqual({ at, message });
  });
});

test('groups are numbered as .NET does: those without a name first', () => {
  const [match] = patternOf('(?<n>a)(b)(?<m>c)').matches('abc');
  expect(['1', '2', '3', 'n', 'm', '4', 'constructor'].map((key) => match!.group(key))).toEqual([
    'b',
    'a',
    'c',
    'a',
    'c',
    undefined,
    undefined,
  ]);
  expect(match!.lastGroup).toBe('c');
});

test('a pattern that backtracks for ever elsewhere is done at once', () =>
  expect(patternOf('(a+)+').matchesWhole(`${'a'.repeat(50_000)}!`)).toBe(false));

test('any text is a pattern or is refused with a place inside it', () => {
  const pieces = fc.constantFrom(
    '(',
    ')',
    '(?<n>',
    '[',
    ']',
    '\\w',
    '\\',
    '-',
    '*',
    '+',
    '{2}',
    '{999}',
    '|',
    '^',
    '$',
    'a',
    '👍',
    '(?',
    '=',
    '!',
    '\\p{L}',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces, { maxLength: 12 }).map((some) => some.join('')),
      ),
      fc.string(),
      (source, text) => {
        const { pattern, issue } = compilePattern(source);
        if (issue) expect(issue.at >= 0 && issue.at <= source.length).toBe(true);
        else expect(typeof pattern.matchesWhole(text)).toBe('boolean');
      },
    ),
    { numRuns: 500 },
  );
});
