import { expect, test } from '@jest/globals';

import { authFormOf, authOf, emptyAuth, missingInAuth } from './auth-form.js';

const server = { tokenUrl: 'https://login.example.com/token', clientId: 'provident', clientSecret: { secret: 'wiki-client' } };

test.each([
  { bearer: { env: 'WIKI_TOKEN' } },
  { basic: { username: 'provident', password: { file: '/run/wiki' } } },
  { oauth2: { ...server, sendSecret: 'header' } },
  { oauth2: { ...server, scope: 'scim.read scim.write', audience: 'https://wiki.example.com', sendSecret: 'body' } },
  { none: true },
])('%j is the same once it was shown and taken over', (auth) => expect(authOf(authFormOf(auth)!)).toEqual(auth));

test('what a form cannot show is left alone', () => {
  expect(authFormOf({ kerberos: {} })).toBeNull();
  expect(authFormOf(undefined)).toBeNull();
});

test.each([
  ['bearer', ['name']],
  ['basic', ['username', 'name']],
  ['oauth2', ['tokenUrl', 'clientId', 'name']],
  ['none', []],
] as const)('%s needs %j', (way, missing) => {
  expect(missingInAuth({ ...emptyAuth, way })).toEqual(missing);
  expect(missingInAuth({ ...emptyAuth, way, name: 'x', username: 'x', tokenUrl: 'x', clientId: 'x' })).toEqual([]);
});
