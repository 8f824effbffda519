import { expect, test } from '@jest/globals';

import { mapping, objectMapping } from '../testing/index.js';
import { sourceAttributesOf, targetAttributesOf } from './attributes-needed.js';
import { mapAttributes } from './map-attributes.js';

const mappings = [
  mapping('userName', { source: 'email', required: true }),
  mapping('title', { source: 'jobTitle', default: 'Employee' }),
  mapping('userType', { constant: 'Staff' }),
  mapping('password', { source: 'secret', apply: 'on-create' }),
  mapping('locale', { default: 'nl-NL' }),
];

test('creation writes direct values, constants, defaults for what is empty, and on-create values', () => {
  expect(mapAttributes(mappings, { email: 'jane@example.com', jobTitle: '', secret: 's' }, 'create')).toEqual({
    values: { userName: 'jane@example.com', title: 'Employee', userType: 'Staff', password: 's', locale: 'nl-NL' },
    missing: [],
  });
});

test('an update writes neither defaults nor on-create values, and leaves alone what the source has no value for', () => {
  expect(mapAttributes(mappings, { email: null, jobTitle: '', secret: 's' }, 'update')).toEqual({
    values: { userType: 'Staff' },
    missing: [],
  });
});

test.each([[{}], [{ email: null }], [{ email: '' }], [{ email: [] }]])('creation misses a required value in %j', (attributes) => {
  expect(mapAttributes(mappings, attributes, 'create').missing).toEqual(['userName']);
});

test('a default satisfies a required attribute', () => {
  expect(mapAttributes([mapping('title', { source: 'jobTitle', default: 'Employee', required: true })], {}, 'create').missing).toEqual([]);
});

test('values that are not empty are kept as the source typed them', () => {
  const direct = ['a', 'b', 'c'].map((name) => mapping(name, { source: name }));
  expect(mapAttributes(direct, { a: false, b: 0, c: ['x', { y: 1 }] }, 'update').values).toEqual({ a: false, b: 0, c: ['x', { y: 1 }] });
});

test('the attributes that the rules need are named once', () => {
  const rules = objectMapping({
    scope: [
      {
        name: 'Staff',
        all: [
          { attribute: 'email', operator: 'IS NOT NULL' },
          { attribute: 'department', operator: 'IS NOT NULL' },
        ],
      },
    ],
    active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
    displayName: 'fullName',
  });
  expect(sourceAttributesOf(rules)).toEqual(['email', 'firstName', 'lastName', 'department', 'status', 'fullName']);
  expect(targetAttributesOf(rules)).toEqual(['userName', 'name.givenName', 'name.familyName']);
});
