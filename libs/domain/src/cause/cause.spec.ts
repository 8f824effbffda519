import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { Failure } from '../object/failure.js';
import { causeOf } from './cause.js';
import { normaliseError } from './normalise-error.js';
import { remedyOf } from './remedy.js';

const failure = (message: string, more: Partial<Failure> = {}): Failure => ({
  kind: 'rejected',
  code: 'http-400',
  message,
  status: 400,
  ...more,
});

/** The same refusal of two people, as targets word it, and what both read as. */
test.each<[string, string, string, string]>([
  [
    'SCIM 409 with the value',
    'The target says that a unique value is taken (409 uniqueness): User with userName "jane.doe@example.org" already exists',
    'The target says that a unique value is taken (409 uniqueness): User with userName "bo@x.io" already exists',
    'The target says that a unique value is taken (409 uniqueness): User with userName … already exists',
  ],
  [
    'SCIM 409 without quotation marks',
    'Resource jane.doe@example.org already exists, id=3f2b8c1e-9a44-4b7e-8c1d-2f6a7be01c93.',
    'Resource bo@x.io already exists, id=00000000-9a44-4b7e-8c1d-2f6a7be01c93.',
    'Resource … already exists, ….',
  ],
  [
    'SCIMMY invalidValue',
    "Attribute 'phone' expected value type 'string' but found '42'",
    "Attribute 'phone' expected value type 'string' but found '43 7'",
    "Attribute 'phone' expected value type 'string' but found …",
  ],
  ['a 404', 'Resource 7 not found', 'Resource a81x not found', 'Resource … not found'],
  [
    'OpenLDAP 68',
    'the entry exists already (uid=jane,ou=People,dc=example,dc=org: Already exists. Code: 0x44)',
    'the entry exists already (uid=bo van dam,ou=People,dc=example,dc=org: Already exists. Code: 0x44)',
    'the entry exists already (… Already exists. Code: …)',
  ],
  [
    'Active Directory 68',
    '00002071: UpdErr: DSID-0305038D, problem 6005 (ENTRY_EXISTS), data 0',
    '00002072: UpdErr: DSID-0305038E, problem 6005 (ENTRY_EXISTS), data 1',
    '…: UpdErr: …, problem … (ENTRY_EXISTS), data …',
  ],
  [
    'OpenLDAP 19',
    'CN=Jane Doe,OU=Staff,DC=corp,DC=example breaks the uniqueness of "mail"',
    'CN=Bo,OU=Sales and More,DC=corp,DC=example breaks the uniqueness of "mail"',
    '… breaks the uniqueness of "mail"',
  ],
  [
    'an array of errors, as Salesforce answers',
    'The target refused the values (400): [{"message":"duplicate value found: Username duplicates value on record with id: 0058d000001ABCD","errorCode":"DUPLICATE_VALUE","fields":[]}]',
    'The target refused the values (400): [{"message":"duplicate value found: Username duplicates value on record with id: 0058d00000ZZZZZ","errorCode":"DUPLICATE_VALUE","fields":[]}]',
    'The target refused the values (400): DUPLICATE_VALUE: duplicate value found: Username duplicates value on record with id: …',
  ],
  [
    'an OAuth error',
    '{"error":"invalid_grant","error_description":"token of svc-42@example.org expired at 2026-01-02T03:04:05Z"}',
    '{"error":"invalid_grant","error_description":"token of svc-1@example.org expired at 2026-05-02T03:04:05Z"}',
    'invalid_grant: token of … expired at …',
  ],
  ['a Windows name', 'CORP\\jane is disabled', 'CORP\\bo is disabled', '… is disabled'],
  [
    'an address',
    'https://x.example/Users/7?a=b did not answer in 30 s',
    'https://x.example/Users/9 did not answer in 31 s',
    '… did not answer in … s',
  ],
])('%s reads the same for everybody', (_, one, other, expected) => {
  const known = { names: ['phone', 'mail'], numbers: [400, 409] };
  expect([one, other].map((message) => normaliseError(message, known))).toEqual([expected, expected]);
});

describe('nothing of a person stands in the words', () => {
  test.each([
    [['Jane', 'Doe', 'Jane Doe'], 'User Jane Doe already exists', 'User … already exists'],
    [['jane.doe@example.org'], 'jane.doe is not a valid alias', '… is not a valid alias'],
    [['Zoë'], 'Name ZOË is taken', 'Name … is taken'],
    [['Finance'], 'no such department: Finance', 'no such department: …'],
    [['Ann'], 'cannot annotate', 'cannot annotate'],
    [['true', 'user', 'IT'], 'the user is not IT', 'the user is not IT'],
  ])('of %p', (values, message, expected) => expect(normaliseError(message, { values })).toBe(expected));

  test('whatever the values are', () => {
    // Everyday words stay, as shown above; those of the sentence itself would go from it.
    const others = /^(?:true|false|value|active|target|refused|example)$/i;
    const word = fc.stringMatching(/^[A-Za-zÀ-ž]{5,12}$/).filter((text) => !others.test(text));
    fc.assert(
      fc.property(word, word, (given, family) => {
        const values = [given, family];
        const text = normaliseError(`the target refused ${given} ${family} <${given}.${family}@example.org>`, { values });
        expect(text).toBe(`the target refused … <…>`);
      }),
    );
  });
});

test('normalising again changes nothing, and the text is one short line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500, unit: 'grapheme' }), (message) => {
      const once = normaliseError(message);
      expect(once.length).toBeLessThanOrEqual(300);
      expect(once).not.toMatch(/[\n\r\d]/);
      expect(normaliseError(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

describe('a cause', () => {
  const of = (message: string, more: Partial<Failure> = {}) => causeOf({ operation: 'create', failure: failure(message, more) });

  test('is the same for all who fail for one reason', () => {
    const ids = Array.from({ length: 4_000 }, (_, n) => of(`user${n}@example.org is taken`).id);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^http-400-[a-z0-9]{6,14}$/);
  });

  test('is told apart by operation, kind, code, attribute and words', () => {
    const others = [
      of('the value is taken', { kind: 'conflict' }),
      of('the value is taken', { code: 'http-422' }),
      of('the value is taken', { attribute: 'userName' }),
      of('the value is too long'),
      causeOf({ operation: 'update', failure: failure('the value is taken') }),
    ];
    expect(new Set([of('the value is taken'), ...others].map(({ id }) => id)).size).toBe(6);
  });

  test('keeps the status and the names of attributes, and nothing of the values', () => {
    const cause = causeOf({
      operation: 'update',
      failure: failure('(400): "title" of Jane must not be "Chief"', { attribute: 'title' }),
      values: ['Jane', 'Chief'],
      attributes: ['title'],
    });
    expect(cause).toMatchObject({ attribute: 'title', operation: 'update', text: '(400): "title" of … must not be …' });
  });

  test('is the same for somebody whose id is the number of the status, or whose title is called as the attribute', () => {
    const of = (...values: string[]) =>
      causeOf({
        operation: 'create',
        failure: failure('The target refused the values (400): title of p9 is too long', { status: 400, attribute: 'title' }),
        values: ['p9', ...values],
      });
    expect(of('400', 'Title')).toEqual(of());
  });

  test('is the same wherever a long answer was cut off', () => {
    const [one, other] = ['0058d000001ABCD for the manager of thi…', '9 for the manager of this record an…'].map((rest) =>
      of(`The target refused the values (400): [{"message":"the cross reference is not valid: id ${rest}`),
    );
    expect(one!.id).toBe(other!.id);
  });

  test('has an id whatever the code is', () => expect(of('x', { code: '§§' }).id).toMatch(/^failure-/));
});

test('there is a remedy for every kind, and a closer one for some codes', () => {
  const kinds: Failure['kind'][] = [
    'throttled',
    'unavailable',
    'rejected',
    'conflict',
    'gone',
    'unauthorized',
    'forbidden',
    'protocol',
    'unknown-outcome',
    'misconfigured',
    'invalid-source',
    'ambiguous-match',
    'missing-values',
  ];
  for (const kind of kinds) expect(remedyOf({ kind, code: 'constructor' })).toMatch(/^[A-Z].*\.$/);
  expect(remedyOf({ kind: 'rejected', code: 'http-400-mutability' })).toContain('on-create');
});
