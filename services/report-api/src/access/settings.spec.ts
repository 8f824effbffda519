import { describe, expect, test } from '@jest/globals';

import { ReportApiConfig } from '../config.js';
import { accessSettings } from './settings.js';

const base = { NATS_URL: 'nats://127.0.0.1:4222', DATABASE_URL: 'postgres://127.0.0.1/provident' };
const issuer = { PROVIDENT_OIDC_ISSUER: 'https://login.example.com/v2.0', PROVIDENT_OIDC_AUDIENCE: 'api://provident, provident' };
const parsed = (env: Record<string, string>) => ReportApiConfig.safeParse({ ...base, ...env });
const settings = (env: Record<string, string>) => accessSettings(ReportApiConfig.parse({ ...base, ...env }));

describe('beyond this machine', () => {
  test('it does not start without a way to sign in, unless that is waived', () => {
    expect(parsed({ HOST: '0.0.0.0' }).error?.issues).toMatchObject([
      { path: ['HOST'], message: expect.stringContaining('open to everybody') },
    ]);
    expect(settings({ HOST: '0.0.0.0', PROVIDENT_INSECURE_BIND: 'true' }).signIn).toBe('open');
    expect(settings({ HOST: '0.0.0.0', PROVIDENT_SIGN_IN: 'required' }).signIn).toBe('required');
    expect(settings({ HOST: '0.0.0.0', ...issuer }).signIn).toBe('required');
    expect(settings({ HOST: '0.0.0.0', ...issuer, PROVIDENT_INSECURE_BIND: 'true' }).signIn).toBe('required');
  });

  test('on it nobody has to, unless it is said', () => {
    expect(settings({}).signIn).toBe('this-machine');
    expect(settings({ PROVIDENT_SIGN_IN: 'required' }).signIn).toBe('required');
    expect(settings(issuer).signIn).toBe('required');
  });
});

test.each<[string, Record<string, string>, string]>([
  ['an issuer without an audience', { PROVIDENT_OIDC_ISSUER: issuer.PROVIDENT_OIDC_ISSUER }, 'PROVIDENT_OIDC_AUDIENCE'],
  ['an audience without an issuer', { PROVIDENT_OIDC_AUDIENCE: 'x' }, 'PROVIDENT_OIDC_ISSUER'],
  ['an issuer that is not asked', { ...issuer, PROVIDENT_SIGN_IN: 'off' }, 'PROVIDENT_SIGN_IN'],
  ['an issuer without TLS', { ...issuer, PROVIDENT_OIDC_ISSUER: 'http://login.example.com' }, 'PROVIDENT_OIDC_ISSUER'],
  ['no address', { ...issuer, PROVIDENT_OIDC_ISSUER: 'login.example.com' }, 'PROVIDENT_OIDC_ISSUER'],
  ['no algorithm', { ...issuer, PROVIDENT_OIDC_ALGORITHMS: 'none' }, 'PROVIDENT_OIDC_ALGORITHMS'],
  ['a shared secret', { ...issuer, PROVIDENT_OIDC_ALGORITHMS: 'RS256 HS256' }, 'PROVIDENT_OIDC_ALGORITHMS'],
  ['clocks that differ by hours', { ...issuer, PROVIDENT_OIDC_CLOCK_TOLERANCE: '7200' }, 'PROVIDENT_OIDC_CLOCK_TOLERANCE'],
  ['roles that are no JSON', { ...issuer, PROVIDENT_OIDC_ROLES: 'admins=administrator' }, 'PROVIDENT_OIDC_ROLES'],
  ['a role that there is not', { ...issuer, PROVIDENT_OIDC_ROLES: '{"admins":"root"}' }, 'PROVIDENT_OIDC_ROLES'],
  [
    'a security administrator of one job',
    { ...issuer, PROVIDENT_OIDC_ROLES: '{"a":{"role":"security-administrator","jobs":["x"]}}' },
    'PROVIDENT_OIDC_ROLES',
  ],
  ['half of TLS', { PROVIDENT_TLS_CERT: '/cert.pem' }, 'PROVIDENT_TLS_KEY'],
  ['an origin with a path', { PROVIDENT_CORS_ORIGINS: 'https://console.example.com/' }, 'PROVIDENT_CORS_ORIGINS'],
  ['every origin', { PROVIDENT_CORS_ORIGINS: '*' }, 'PROVIDENT_CORS_ORIGINS'],
  ['a proxy by name', { PROVIDENT_TRUSTED_PROXIES: 'proxy.internal' }, 'PROVIDENT_TRUSTED_PROXIES'],
])('%s is refused, in one sentence that names the variable', (_, env, variable) => {
  const { error } = parsed(env);
  expect(error?.issues.map(({ path }) => path[0])).toEqual([variable]);
  expect(error?.issues[0]?.message).toMatch(/^(?!.*\n).{10,}/);
});

describe('what the values of a claim grant', () => {
  test('the roles themselves, where nothing else is said', () => {
    const { grantsOf, audiences } = settings(issuer).openId!;
    expect([grantsOf('operator'), grantsOf('Operator'), grantsOf('toString')]).toEqual([[{ role: 'operator', jobs: null }], [], []]);
    expect(audiences).toEqual(['api://provident', 'provident']);
  });

  test('what the map says, and nothing that it does not', () => {
    const map = { 'Provisioning.Read': 'reports-reader', team: [{ role: 'operator', jobs: ['slack'] }, 'reports-reader'] };
    const { grantsOf } = settings({ ...issuer, PROVIDENT_OIDC_ROLES: JSON.stringify(map) }).openId!;
    expect(grantsOf('Provisioning.Read')).toEqual([{ role: 'reports-reader', jobs: null }]);
    expect(grantsOf('team')).toEqual([
      { role: 'operator', jobs: ['slack'] },
      { role: 'reports-reader', jobs: null },
    ]);
    for (const value of ['administrator', 'constructor', '__proto__', '']) expect(grantsOf(value)).toEqual([]);
  });
});
