import { describe, expect, test } from '@jest/globals';

import { callAround, completionsAt } from './completion.js';

const named = (name: string) => ({ name, family: 'Text', signature: `${name}(source)`, summary: '', example: null });
const functions = ['Join', 'Left', 'ToLower', 'ToUpper', 'NormalizeDiacritics'].map(named);
const attributes = ['givenName', 'familyName', 'emails[type eq "work"].value'].map((name) => ({ name, type: 'string' }));

/** The caret stands at the bar. */
const at = (marked: string) => {
  const text = marked.replace('|', '');
  const { from, to, options } = completionsAt(text, marked.indexOf('|'), functions, attributes);
  return options.map(({ insert }) => text.slice(0, from) + insert + text.slice(to));
};

describe('what may stand at the caret', () => {
  test.each([
    ['to|', ['ToLower(', 'ToUpper(']],
    ['ToLower(Le|', ['ToLower(Left(']],
    ['Lef|([a])', ['Left([a])']],
    ['Join(" ", [given|', ['Join(" ", [givenName]']],
    ['Join(" ", [given|]', ['Join(" ", [givenName]']],
    ['Join("[given|', []],
    ['Join("a\\"b", [fam|', ['Join("a\\"b", [familyName]']],
    ['ToLower([emails[ty|', ['ToLower([emails[type eq "work"].value]']],
    ['ToLower(xyz|', []],
  ])('%s', (marked, expected) => expect(at(marked)).toEqual(expected));

  test('what holds the letters comes behind what begins with them', () => {
    expect(at('ToLower([name|')).toEqual(['ToLower([givenName]', 'ToLower([familyName]']);
    expect(at('lo|')).toEqual(['ToLower(']);
  });
});

test.each([
  ['Join(" ", ToLower([a]), |', 'Join'],
  ['Join(" ", ToLower(|', 'ToLower'],
  ['Join("(", |', 'Join'],
  ['Unknown(|', undefined],
  ['Join([a])|', undefined],
])('the function around the caret in %s', (marked, expected) => {
  expect(callAround(marked.replace('|', ''), marked.indexOf('|'), functions)?.name).toBe(expected);
});
