import { expect, test } from '@jest/globals';

import { ObjectMapping } from '../job/job-definition.js';
import { previewObject } from './preview-object.js';

const rules = (attributes: readonly object[], more: object = {}) => ObjectMapping.parse({ type: 'user', attributes, ...more });
const jane = { mail: 'jane@example.com', givenName: 'Jane', title: '', kind: 'contractor', boss: '7' };

test('each mapping says what it would write, and one that is wrong does not hide the others', () => {
  const { mappings } = previewObject(
    rules([
      { target: 'userName', source: 'mail' },
      { target: 'title', source: 'title', default: 'Staff' },
      { target: 'nickName', source: 'nickName' },
      { target: 'type', constant: 'Employee' },
      { target: 'displayName', expression: 'ToUper([givenName])' },
      { target: 'initials', expression: 'Left([givenName], 1' },
      { target: 'level', expression: 'CDate([kind])' },
      { target: 'manager', reference: 'boss' },
    ]),
    jane,
    {},
  );
  expect(mappings).toEqual([
    { target: 'userName', value: 'jane@example.com', from: 'source', error: null },
    { target: 'title', value: 'Staff', from: 'default', error: null },
    { target: 'nickName', value: null, from: 'source', error: null },
    { target: 'type', value: 'Employee', from: 'source', error: null },
    { target: 'displayName', value: null, from: 'source', error: { at: 0, message: expect.stringContaining('did you mean "ToUpper"') } },
    { target: 'initials', value: null, from: 'source', error: { at: 19, message: expect.any(String) } },
    { target: 'level', value: null, from: 'source', error: { at: expect.any(Number), message: expect.any(String) } },
    { target: 'manager', value: '7', from: 'reference', error: null },
  ]);
});

test('every condition is told with the value that it met, also behind a filter that holds', () => {
  const clause = (value: string) => ({ attribute: 'kind', operator: 'EQUALS', value });
  const scope = [
    { name: 'Guests', all: [clause('contractor')] },
    { name: 'Staff', all: [clause('employee')] },
  ];
  const preview = previewObject(rules([{ target: 'a', constant: 1 }], { scope, active: clause('employee') }), jane, {});
  expect([preview.inScope, preview.clauses.map(({ filter, holds }) => [filter, holds]), preview.active]).toEqual([
    true,
    [
      ['Guests', true],
      ['Staff', false],
    ],
    { clause: 'kind EQUALS "employee"', actual: 'contractor', holds: false },
  ]);
});
