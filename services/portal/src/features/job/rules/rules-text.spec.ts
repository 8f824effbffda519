import { expect, test } from '@jest/globals';

import { appendIn, moveIn, removeIn, setIn } from './rules-text.js';

const text = `job: hr # the id
objects:
  - type: user
    attributes:
      # finds the account
      - target: userName
        source: mail # never the login
        matching: 1
      - target: title
        source: title
`;
const attributes = ['objects', 0, 'attributes'];

test('a changed mapping keeps the comments around it and what is the same in it', () => {
  expect(setIn(text, [...attributes, 0], { target: 'userName', source: 'mail', matching: 2, required: true })).toBe(
    text.replace('matching: 1\n', 'matching: 2\n        required: true\n'),
  );
  expect(setIn(text, [...attributes, 1], { target: 'title', expression: 'ToUpper([title])' })).toBe(
    text.replace('        source: title\n', '        expression: ToUpper([title])\n'),
  );
});

test('mappings are added, moved and taken away, each with its comments', () => {
  expect(appendIn(text, attributes, { target: 'nickName', constant: 'x' })).toBe(`${text}      - target: nickName\n        constant: x\n`);
  expect(removeIn(text, [...attributes, 1])).toBe(text.replace('      - target: title\n        source: title\n', ''));
  expect(moveIn(text, attributes, 1, 0)).toMatch(/target: title[\s\S]*# finds the account[\s\S]*target: userName/);
  expect(moveIn(text, attributes, 1, 2)).toBe(text);
});

test('a list that is not there yet is made, and one that is shorter loses its end', () => {
  const scope = (values: string[]) => values.map((value) => ({ name: value, all: [{ attribute: 'kind', operator: 'EQUALS', value }] }));
  const one = appendIn(text, ['objects', 0, 'scope'], scope(['a'])[0]);
  expect(one).toContain('scope:\n      - name: a\n');
  const two = setIn(one, ['objects', 0, 'scope'], scope(['a', 'b']));
  expect(two).toContain('- name: b\n');
  expect(setIn(two, ['objects', 0, 'scope'], scope(['a']))).toBe(one);
});

test('a text that is no YAML has no places, and stays as it is', () => {
  expect(setIn('job: {', ['job'], 'x')).toBe('job: {');
});
