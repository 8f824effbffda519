import { expect, test } from '@jest/globals';

import { emptyForm, formOf, mappingOf, scalarOf } from './mapping-form.js';

test('a mapping that is opened and closed again is as it was', () => {
  for (const mapping of [
    { target: 'userName', source: 'mail', matching: 1, required: true, caseExact: false },
    { target: 'level', constant: 3, apply: 'always' },
    { target: 'active', constant: true },
    { target: 'nick', default: 'x' },
    { target: 'manager', reference: 'boss', referenceType: 'user' },
    { target: 'odd', source: 'a', somethingNew: [1] },
  ])
    expect(mappingOf(formOf(mapping), mapping, undefined)).toEqual(mapping);
});

test('another kind takes away what belongs to the one before', () => {
  const before = { target: 'title', source: 'title', required: true };
  expect(mappingOf({ ...formOf(before), kind: 'expression', expression: 'ToUpper([title])', required: false }, before, undefined)).toEqual({
    target: 'title',
    expression: 'ToUpper([title])',
    required: false,
  });
});

test('a constant has the type of its attribute where it can, and a new mapping says nothing that is usual', () => {
  expect(mappingOf({ ...emptyForm, target: ' level ', kind: 'constant', constant: '7' }, null, 'integer')).toEqual({
    target: 'level',
    constant: 7,
  });
  expect(mappingOf({ ...emptyForm, target: 'level', kind: 'constant', constant: '7' }, null, 'string')).toEqual({
    target: 'level',
    constant: '7',
  });
  expect([scalarOf('TRUE', 'boolean'), scalarOf('maybe', 'boolean'), scalarOf('1e', 'integer')]).toEqual([true, 'maybe', '1e']);
});
