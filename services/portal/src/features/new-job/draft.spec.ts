import { expect, test } from '@jest/globals';

import { emptyAuth } from '../../shared/auth/auth-form.js';
import { definitionOf, type Draft, emptyDraft, missingIn, stepOf } from './draft.js';

const draft: Draft = {
  ...emptyDraft,
  jobId: ' staff-to-wiki ',
  file: '/data/staff.csv',
  delimiter: ';',
  url: 'https://wiki.example.com/scim/v2',
  auth: { ...emptyAuth, name: 'WIKI_TOKEN' },
  rows: [
    { target: 'userName', column: 'mail' },
    { target: 'displayName', column: 'name' },
    { target: '', column: 'left over' },
  ],
};

test('the answers make a job file; the first row finds the account, and half-filled rows are left out', () => {
  expect(definitionOf(draft)).toEqual({
    job: 'staff-to-wiki',
    source: { connector: 'csv', config: { file: '/data/staff.csv', anchor: 'employeeId', delimiter: ';' } },
    target: { connector: 'scim', config: { url: 'https://wiki.example.com/scim/v2', auth: { bearer: { env: 'WIKI_TOKEN' } } } },
    objects: [
      {
        type: 'user',
        displayName: 'name',
        attributes: [
          { target: 'userName', source: 'mail', matching: 1, required: true },
          { target: 'displayName', source: 'name' },
        ],
      },
    ],
  });
});

test('the target is signed in to as it was chosen', () => {
  const auth = {
    ...emptyAuth,
    way: 'oauth2',
    place: 'secret',
    name: 'wiki',
    tokenUrl: 'https://login.example.com/token',
    clientId: 'p',
  } as const;
  expect(definitionOf({ ...draft, auth })).toMatchObject({
    target: { config: { auth: { oauth2: { tokenUrl: auth.tokenUrl, clientId: 'p', clientSecret: { secret: 'wiki' } } } } },
  });
});

test('a condition becomes a named filter, and a job can be made paused', () => {
  const made = definitionOf({ ...draft, scope: { column: 'kind', value: 'employee' }, paused: true });
  expect(made).toMatchObject({
    objects: [{ scope: [{ name: 'kind is employee', all: [{ attribute: 'kind', operator: 'EQUALS', value: 'employee' }] }] }],
    schedule: { paused: true },
  });
});

test('a step is left only with its answers', () => {
  expect(missingIn(emptyDraft, 0)).toEqual(['jobId', 'file']);
  expect(missingIn(draft, 0)).toEqual([]);
  expect(missingIn(emptyDraft, 1)).toEqual(['url', 'auth']);
  expect(missingIn({ ...emptyDraft, url: 'https://wiki.example.com', auth: { ...emptyAuth, way: 'none' } }, 1)).toEqual([]);
});

test.each([
  [['source', 'config', 'file'], 0],
  [['job'], 0],
  [['target', 'config', 'url'], 1],
  [['objects', 0, 'attributes', 2, 'source'], 2],
])('a problem at %j is shown in step %d', (path, step) => expect(stepOf({ path, message: '' })).toBe(step));
