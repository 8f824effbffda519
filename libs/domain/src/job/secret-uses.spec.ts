import { expect, test } from '@jest/globals';

import { secretUses } from './secret-uses.js';

test('finds every reference to a secret, wherever it stands, and nothing that only looks like one', () => {
  const uses = secretUses({
    source: {
      connector: 'ldap',
      config: { bindDn: 'cn=reader', password: { secret: 'ldap-password' }, groups: { file: 'a', anchor: 'b' } },
    },
    target: { connector: 'scim', config: { auth: { basic: { username: 'a', password: { env: 'APP' } } }, headers: { secret: 7 } } },
    notify: { webhook: { url: 'https://a.test', secret: { secret: 'hook' } } },
  });
  expect(uses).toEqual([
    { place: 'source.config.password', ref: { secret: 'ldap-password' } },
    { place: 'target.config.auth.basic.password', ref: { env: 'APP' } },
    { place: 'notify.webhook.secret', ref: { secret: 'hook' } },
  ]);
});

test('a job that refers to none uses none', () => {
  expect(
    secretUses({ source: { connector: 'csv', config: { encoding: null } }, target: { connector: 'scim', config: {} }, notify: undefined }),
  ).toEqual([]);
});
