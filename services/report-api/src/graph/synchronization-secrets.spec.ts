import { expect, test } from '@jest/globals';
import type { JobDefinition } from '@provident/domain';

import { secretsShown, secretsToSet } from './synchronization-secrets.js';

const job = (auth: object): JobDefinition =>
  ({
    job: 'staff',
    source: { connector: 'csv', config: { file: 'staff.csv' } },
    target: { connector: 'scim', config: { url: 'https://app.example/scim', auth } },
  }) as unknown as JobDefinition;
const oauth2 = job({
  oauth2: { tokenUrl: 'https://login.example/token', clientId: 'provident', clientSecret: { secret: 'app-client' } },
});

test('a client that fetches tokens is shown without its secret; given back it changes nothing', () => {
  const shown = secretsShown(oauth2);
  expect(shown).toEqual([
    { key: 'BaseAddress', value: 'https://app.example/scim' },
    { key: 'Oauth2ClientId', value: 'provident' },
    { key: 'Oauth2TokenExchangeUri', value: 'https://login.example/token' },
    { key: 'Oauth2ClientSecret', value: null },
  ]);
  expect(secretsToSet(oauth2, shown)).toEqual([]);
});

test.each(['Oauth2ClientSecret', 'ClientSecret'])('%s sets its secret', (key) => {
  expect(secretsToSet(oauth2, [{ key, value: 's3cret' }])).toEqual([{ name: 'app-client', value: 's3cret' }]);
});

test.each<[string, JobDefinition, string, RegExp]>([
  ['another client', oauth2, 'Oauth2ClientId', /says something else/],
  ['another server', oauth2, 'Oauth2TokenExchangeUri', /says something else/],
  ['a token where tokens are fetched', oauth2, 'Oauth2AccessToken', /takes no Oauth2AccessToken/],
  ['a client where there is none', job({ bearer: { secret: 'app' } }), 'Oauth2ClientSecret', /takes no Oauth2ClientSecret/],
  [
    'a secret that lies elsewhere',
    job({ oauth2: { tokenUrl: 'https://x', clientId: 'x', clientSecret: { env: 'APP' } } }),
    'Oauth2ClientSecret',
    /environment variable APP/,
  ],
])('%s is refused without being repeated', (_what, definition, key, words) => {
  const set = () => secretsToSet(definition, [{ key, value: 's3cret' }]);
  expect(set).toThrow(words);
  expect(set).not.toThrow(/s3cret/);
});
