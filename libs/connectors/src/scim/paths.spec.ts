import { describe, expect, test } from '@jest/globals';
import type { AttributeBag, AttributeChange, AttributeValue } from '@provident/domain';
import * as fc from 'fast-check';

import { applyPatch } from '../testing/quirk-patch.js';
import { needsCurrent, patchOperations } from './patch.js';
import { describedAt, parsePath, pathsMeet, readPath, type ScimObject } from './paths.js';
import { buildResource, mergeIntoResource } from './resource.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const custom = 'urn:example:scim:2.0:Person';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

describe('a path', () => {
  test.each([
    ['userName', { urn: null, attribute: 'userName', element: null, sub: null }],
    ['name.givenName', { urn: null, attribute: 'name', element: null, sub: 'givenName' }],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', { urn: null, attribute: 'userName', element: null, sub: null }],
    [`${enterprise}:department`, { urn: enterprise, attribute: 'department', element: null, sub: null }],
    [`${enterprise}:manager.value`, { urn: enterprise, attribute: 'manager', element: null, sub: 'value' }],
    ['emails[type eq "work"].value', { urn: null, attribute: 'emails', element: [{ name: 'type', value: 'work' }], sub: 'value' }],
    ['emails[type eq "a:b\\".]"].value', { urn: null, attribute: 'emails', element: [{ name: 'type', value: 'a:b".]' }], sub: 'value' }],
    [
      'emails[primary eq true and type EQ "x"]',
      {
        urn: null,
        attribute: 'emails',
        element: [
          { name: 'primary', value: true },
          { name: 'type', value: 'x' },
        ],
        sub: null,
      },
    ],
  ])('%s is understood', (path, expected) => {
    expect(parsePath(path)).toEqual(expected);
  });

  test.each([
    '',
    'a b',
    'a.b.c',
    'emails[',
    'emails[type]',
    'emails[type co "x"].value',
    'emails[type eq "a" or type eq "b"].value',
    '[type eq "x"]',
    'urn:',
    'a..b',
  ])('"%s" is none, and says so', (path) => {
    expect(() => parsePath(path)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ kind: 'misconfigured', code: 'bad-path' }) }),
    );
  });
});

describe('reading', () => {
  const resource: ScimObject = {
    USERNAME: 'noor',
    active: false,
    nickName: null,
    title: '',
    emails: [
      { type: 'home', value: 'h@x.test' },
      { type: 'Work', value: 'w@x.test' },
      { type: 'work', value: 'p@x.test', primary: true },
    ],
    ims: ['bare'],
    roles: ['a', 'b'],
    [enterprise.toUpperCase()]: { Department: 'Finance', manager: { value: '7f', $ref: '../7f' } },
  };
  test.each<[string, AttributeValue | undefined]>([
    ['userName', 'noor'],
    ['active', false],
    ['nickName', undefined],
    ['title', undefined],
    ['name.givenName', undefined],
    ['emails.value', ['h@x.test', 'w@x.test', 'p@x.test']],
    ['emails[type eq "work"].value', 'p@x.test'],
    ['emails[type eq "home"].value', 'h@x.test'],
    ['emails[type eq "other"].value', undefined],
    ['ims.value', ['bare']],
    ['roles', ['a', 'b']],
    [`${enterprise}:department`, 'Finance'],
    [`${enterprise}:manager`, '7f'],
    [`${enterprise}:manager.$ref`, '../7f'],
    [`${custom}:badge`, undefined],
  ])('%s', (path, expected) => {
    expect(readPath(resource, path)).toEqual(expected);
  });
});

describe('writing', () => {
  test('a creation nests values, labels elements and lists the schemas it uses', () => {
    const bag = {
      userName: 'noor',
      active: 'True',
      'name.givenName': 'Noor',
      nickName: null,
      'emails[type eq "work"].value': 'n@x.test',
      'emails[type eq "work"].primary': true,
      'phoneNumbers.value': ['1', '2'],
      [`${enterprise}:department`]: 'Finance',
      [`${enterprise}:manager`]: '7f',
    };
    expect(buildResource(bag)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
      userName: 'noor',
      active: true,
      name: { givenName: 'Noor' },
      emails: [{ type: 'work', value: 'n@x.test', primary: true }],
      phoneNumbers: [{ value: '1' }, { value: '2' }],
      [enterprise]: { department: 'Finance', manager: { value: '7f' } },
    });
  });

  test('a replacement keeps what is not mapped and leaves out what only the server may say', () => {
    const current = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
      id: '1',
      userName: 'noor',
      nickName: 'N',
      meta: { version: '3' },
      Groups: [{ value: 'g' }],
      [enterprise]: { department: 'Finance' },
    };
    expect(
      mergeIntoResource(current, [
        { attribute: 'title', old: null, new: 'Head' },
        { attribute: `${enterprise}:department`, old: 'Finance', new: null },
      ]),
    ).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: '1',
      userName: 'noor',
      nickName: 'N',
      title: 'Head',
    });
    expect(current.meta).toEqual({ version: '3' });
  });
});

const change = (attribute: string, old: AttributeValue, next: AttributeValue): AttributeChange => ({ attribute, old, new: next });

describe('changing', () => {
  const current: ScimObject = {
    title: 'old',
    emails: [{ type: 'home', value: 'h@x.test' }],
    addresses: [{ type: 'work', locality: 'Berlin', region: 'BE' }],
  };
  test.each<[string, AttributeChange[], unknown[]]>([
    ['a plain value', [change('title', 'old', 'new')], [{ op: 'replace', path: 'title', value: 'new' }]],
    ['a first value', [change('nickName', null, 'N')], [{ op: 'add', path: 'nickName', value: 'N' }]],
    ['a cleared value', [change('title', 'old', null)], [{ op: 'remove', path: 'title' }]],
    ['a value that is gone already', [change('nickName', 'N', null)], []],
    ['a manager', [change(`${enterprise}:manager`, null, '7f')], [{ op: 'add', path: `${enterprise}:manager`, value: { value: '7f' } }]],
    ['active as text', [change('active', true, 'False')], [{ op: 'add', path: 'active', value: false }]],
    [
      'an element that exists',
      [change('emails[type eq "home"].value', 'h@x.test', 'n@x.test')],
      [{ op: 'replace', path: 'emails[type eq "home"].value', value: 'n@x.test' }],
    ],
    [
      'an element that does not',
      [change('emails[type eq "work"].value', null, 'w@x.test')],
      [{ op: 'add', path: 'emails', value: [{ type: 'work', value: 'w@x.test' }] }],
    ],
    [
      'two values of one new element',
      [change('addresses[type eq "home"].locality', null, 'Kiel'), change('addresses[type eq "home"].region', null, 'SH')],
      [{ op: 'add', path: 'addresses', value: [{ type: 'home', locality: 'Kiel', region: 'SH' }] }],
    ],
    [
      'a new value of an old element',
      [change('addresses[type eq "work"].country', null, 'DE')],
      [{ op: 'add', path: 'addresses[type eq "work"].country', value: 'DE' }],
    ],
    [
      'one of two values cleared',
      [change('addresses[type eq "work"].region', 'BE', null)],
      [{ op: 'remove', path: 'addresses[type eq "work"].region' }],
    ],
    ['an element cleared', [change('emails[type eq "home"].value', 'h@x.test', null)], [{ op: 'remove', path: 'emails[type eq "home"]' }]],
    [
      'all values of a kind',
      [change('emails.value', ['h@x.test'], ['h@x.test', 'n@x.test'])],
      [{ op: 'replace', path: 'emails', value: [{ type: 'home', value: 'h@x.test' }, { value: 'n@x.test' }] }],
    ],
    ['all values of a kind cleared', [change('emails.value', ['h@x.test'], null)], [{ op: 'remove', path: 'emails' }]],
  ])('%s', (_what, changes, operations) => {
    expect(patchOperations(changes, current)).toEqual(operations);
  });

  test('only changes to elements need the account to be read first', () => {
    expect(needsCurrent([change('title', 'a', 'b'), change(`${enterprise}:manager`, null, '7f')])).toBe(false);
    expect(needsCurrent([change('emails[type eq "work"].value', 'a', 'b')])).toBe(true);
  });
});

// ---------------------------------------------------------------- laws

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const paths: Record<string, fc.Arbitrary<AttributeValue>> = {
  userName: text,
  title: text,
  active: fc.boolean(),
  'name.givenName': text,
  'name.familyName': text,
  'emails[type eq "work"].value': text,
  'emails[type eq "home"].value': text,
  'phoneNumbers[type eq "mobile"].value': text,
  'addresses[type eq "work"].streetAddress': text,
  'addresses[type eq "work"].postalCode': text,
  'roles.value': fc.array(text, { minLength: 1, maxLength: 3 }),
  [`${enterprise}:department`]: text,
  [`${enterprise}:manager`]: text,
  [`${custom}:badges`]: fc.array(text, { minLength: 1, maxLength: 3 }),
  [`${custom}:desk[side eq "left"].label`]: text,
};
const bag = (): fc.Arbitrary<AttributeBag> => fc.record(paths, { requiredKeys: [] }) as fc.Arbitrary<AttributeBag>;
const readAll = (resource: ScimObject): AttributeBag =>
  Object.fromEntries(
    Object.keys(paths).flatMap((path) =>
      [readPath(resource, path)].filter((value) => value !== undefined).map((value) => [path, value as AttributeValue]),
    ),
  );
const changesBetween = (from: AttributeBag, to: AttributeBag): AttributeChange[] =>
  Object.keys(paths)
    .map((attribute) => ({ attribute, old: from[attribute] ?? null, new: to[attribute] ?? null }))
    .filter((one) => JSON.stringify(one.old) !== JSON.stringify(one.new));

test('what is built reads back as it was given', () => {
  fc.assert(fc.property(bag(), (given) => expect(readAll(buildResource(given))).toEqual(given)));
});

test('a PATCH makes the wanted values, on a strict model of a server', () => {
  fc.assert(
    fc.property(bag(), bag(), (from, to) => {
      const current = buildResource(from);
      const operations = patchOperations(changesBetween(from, to), current);
      const after = operations.length > 0 ? applyPatch({ id: '1', ...current }, { schemas: [patchUrn], Operations: operations }) : current;
      expect(readAll(after as ScimObject)).toEqual(to);
    }),
  );
});

test('a PUT makes the wanted values', () => {
  fc.assert(
    fc.property(bag(), bag(), (from, to) => expect(readAll(mergeIntoResource(buildResource(from), changesBetween(from, to)))).toEqual(to)),
  );
});

const attribute = (name: string, multiValued = false) => ({ name, type: 'string' as const, multiValued, required: false, readOnly: false });

test('a path with an element is known where its value is', () => {
  const description = {
    name: 'User',
    complete: true,
    attributes: [
      attribute('userName'),
      attribute('emails', true),
      attribute('emails.value'),
      attribute('emails.type'),
      attribute(`${enterprise}:department`),
    ],
  };
  const known = (path: string) => describedAt(path, description).length > 0;
  expect(
    ['USERNAME', 'emails[type eq "work"].value', 'emails.value', 'emails', `${enterprise}:department`].filter((path) => !known(path)),
  ).toEqual([]);
  expect(
    [
      'userNam',
      'userName[type eq "work"].value',
      'emails[kind eq "work"].value',
      'emails[type eq "work"].valu',
      `${enterprise}:dept`,
      'a..b',
    ].filter(known),
  ).toEqual([]);
});

test('a path is as read-only as what it leads through', () => {
  const readOnly = { ...attribute('groups', true), readOnly: true };
  const description = {
    name: 'User',
    complete: true,
    attributes: [readOnly, attribute('groups.value'), attribute('groups.type'), attribute('ID')],
  };
  const told = describedAt('groups[type eq "direct"].value', description);
  expect(told.map((each) => [each.name, each.readOnly])).toEqual([
    ['groups', true],
    ['groups.value', false],
  ]);
  expect(describedAt('id', description).map((each) => each.name)).toEqual(['ID']);
});

test.each([
  ['title', 'TITLE', 'same'],
  ['title', 'urn:ietf:params:scim:schemas:core:2.0:User:title', 'same'],
  ['emails[type eq "work"].value', 'Emails[ type EQ "Work" ].Value', 'same'],
  ['emails[type eq "work" and primary eq true].value', 'emails[primary eq true and type eq "work"].value', 'same'],
  [`${enterprise}:manager`, `${enterprise}:manager.value`, 'same'],
  ['name', 'name.familyName', 'within'],
  ['emails', 'emails[type eq "work"].value', 'within'],
  ['emails[type eq "work"]', 'emails[type eq "work"].value', 'within'],
  ['emails.value', 'emails[type eq "work"].value', 'within'],
  ['emails[type eq "work"].value', 'emails[type eq "home"].value', null],
  ['emails[type eq "work"].value', 'emails[type eq "work"].display', null],
  ['name.familyName', 'name.givenName', null],
  ['department', `${enterprise}:department`, null],
  [`${enterprise}:manager`, `${enterprise}:manager.displayName`, null],
  ['a..b', 'a..b', 'same'],
  ['a..b', 'A..B', null],
])('%s and %s: %s', (one, other, how) => {
  expect(pathsMeet(one, other)).toBe(how);
  expect(pathsMeet(other, one)).toBe(how);
});
