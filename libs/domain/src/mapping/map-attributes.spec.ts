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

test('an expression gives its value; an empty one lets the default step in on creation', () => {
  const computed = [mapping('title', { expression: 'Trim([jobTitle])', default: 'Employee' })];
  expect(mapAttributes(computed, { jobTitle: ' Welder ' }, 'update').values).toEqual({ title: 'Welder' });
  expect(mapAttributes(computed, { jobTitle: '  ' }, 'create').values).toEqual({ title: 'Employee' });
  expect(mapAttributes(computed, {}, 'update')).toEqual({ values: {}, missing: [] });
});

test('an expression of a creation gets the context, and is not evaluated at an update', () => {
  const computed = [mapping('since', { expression: 'FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy")', apply: 'on-create' })];
  expect(mapAttributes(computed, {}, 'create', { now: '2026-11-22T05:00:00.000Z' }).values).toEqual({ since: '2026' });
  expect(mapAttributes(computed, {}, 'update')).toEqual({ values: {}, missing: [] });
  expect(mapAttributes(computed, {}, 'create').failed).toEqual({
    target: 'since',
    message: 'column 16: Now needs the time, which is not available here',
  });
});

test.each([
  ['CDate([x])', 'column 7: expression of CDate: "soon" is not a date that can be read'],
  ['CDate([x]', 'column 10: expected a closing parenthesis of CDate'],
])('%s fails with its place', (expression, message) =>
  expect(mapAttributes([mapping('start', { expression })], { x: 'soon' }, 'update').failed).toEqual({ target: 'start', message }),
);

test('attributes of expressions are needed too, once, and the computed one is not', () => {
  const rules = objectMapping({
    attributes: [
      { target: 'userName', source: 'email', matching: 1 },
      { target: 'x', expression: 'IIF([IsSoftDeleted], [email], Left([nick], 2))' },
    ],
  });
  expect(sourceAttributesOf(rules)).toEqual(['email', 'nick']);
});
