import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openedSimulation, simulatedRow, simulationProgress } from '@provident/bus/testing';
import {
  AccessDenied,
  ActionTaken,
  ErrorView,
  GraphError,
  type GrantView,
  is,
  MeView,
  type Needed,
  revealHeader,
  type Route,
  routePermissions,
  type Routes,
  routes,
  SignInView,
  TokenCreated,
  TokenMadeView,
  TokenRevoked,
  TokensView,
} from '@provident/contracts';
import type { Grant, Permission, Role } from '@provident/domain';
import { plots, Story } from '@provident/projection/testing';

import { startTestApi, type TestApi } from '../testing/test-api.js';
import { TestIssuer } from '../testing/test-issuer.js';
import { parseApiToken } from './api-token.js';
import type { OpenIdSettings } from './openid.js';

const seen = 'hr-to-crm';
const hidden = 'hr-to-wiki';
const everybody = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
const simulation = { ...openedSimulation(), jobId: hidden as never };

let issuer: TestIssuer;
let api: TestApi;
let clock = Date.now();
beforeAll(async () => {
  issuer = await TestIssuer.start();
  const wiki = new Story(hidden).configured().cycle(everybody, { kind: 'initial' });
  const crm = new Story(seen, '2026-03-04T00:00:00.000Z', wiki.events.length + 1)
    .configured()
    .cycle([{ plot: 'joiner', id: 'S-1' }], { kind: 'initial' });
  const openId: OpenIdSettings = {
    issuer: issuer.url,
    audiences: ['provident'],
    algorithms: ['ES256', 'RS256'],
    clockToleranceS: 5,
    jwksUrl: null,
    rolesClaim: 'roles',
    grantsOf: (value) => granted[value] ?? [],
    nameClaims: ['preferred_username'],
  };
  api = await startTestApi([...wiki.events, ...crm.events], {
    access: { signIn: 'required', openId, clientId: 'portal', scopes: ['openid'] },
    now: () => new Date(clock),
    denialsWindowMs: 3_600_000,
  });
  await api.simulations.open(simulation, simulationProgress());
  await api.simulations.addRows(simulation.simulationId, [simulatedRow('1')]);
}, 120_000);
afterAll(async () => {
  await api?.close();
  await issuer?.close();
});

/** Spelled out once more: this is what the roles are meant to be. */
const mayByRole: Readonly<Record<Role, readonly Permission[]>> = {
  'reports-reader': ['read'],
  operator: ['read', 'operate'],
  administrator: ['read', 'operate', 'configure', 'maintain'],
  'security-administrator': ['read', 'secure'],
};
const roleNames = Object.keys(mayByRole) as Role[];

/** What values of the claim grant: a role, or a role for the job that may be seen. */
const granted: Readonly<Record<string, Grant[]>> = Object.fromEntries(
  roleNames.flatMap((role) => [
    [role, [{ role, jobs: null }]],
    [`${role}@${seen}`, [{ role, jobs: [seen] }]],
  ]),
);

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const asRole = async (role: string): Promise<Record<string, string>> => bearer(await issuer.token({ roles: [role] }));

interface Asked {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly job?: string;
}

const bodies: Readonly<Partial<Record<keyof Routes, (job: string) => unknown>>> = {
  apply: (job) => ({ definition: { job } }),
  validate: (job) => ({ definition: { job } }),
  simulate: (job) => ({ definition: { job } }),
  rulesSystems: (job) => ({ definition: { job } }),
  rulesPreview: (job) => ({ definition: { job }, id: '1' }),
  retry: () => ({ all: true }),
  makeToken: () => ({ name: 'another', grants: [] }),
  checkReadModels: () => ({ kind: 'verify' }),
  provisionOnDemand: () => ({ subjects: [{ id: 'S-1' }] }),
};

async function call(name: keyof Routes, { headers, body, job = hidden }: Asked): Promise<{ status: number; text: string }> {
  const route: Route = routes[name];
  const values: Readonly<Record<string, string>> = {
    jobId: job,
    principal: api.principalOf(job),
    cycleId: `${job}-c1`,
    simulationId: simulation.simulationId,
    tokenId: 'none',
    system: 'target',
    connection: "objectConnections('E-0')",
  };
  const url = new URL(
    route.path.replace(/:(\w+)/g, (_, parameter: string) => encodeURIComponent(values[parameter] ?? 'x')),
    api.url,
  );
  if (name === 'people') url.searchParams.set('search', 'Person');
  if (name === 'attemptDifference') url.searchParams.set('from', 'x');
  const ending = new AbortController();
  const sent = body ?? bodies[name]?.(job) ?? {};
  const response = await fetch(url, {
    method: route.method,
    headers: { ...headers, ...(route.body && { 'content-type': 'application/json' }) },
    ...(route.body && { body: JSON.stringify(sent) }),
    signal: ending.signal,
  });
  if (name === 'follow' && response.ok) {
    ending.abort();
    return { status: response.status, text: '' };
  }
  return { status: response.status, text: await response.text() };
}

const names = Object.keys(routes) as (keyof Routes)[];
const neededOf = (name: keyof Routes): Needed => routePermissions[name];
const errorIn = (name: keyof Routes, text: string) =>
  routes[name].path.startsWith('/v1.0') ? GraphError.parse(JSON.parse(text)).error : ErrorView.parse(JSON.parse(text)).error;

describe('without a sign-in that holds', () => {
  const now = Math.floor(Date.now() / 1_000);
  const bad: Readonly<Record<string, () => Promise<Record<string, string>> | Record<string, string>>> = {
    'no credentials': () => ({}),
    'another scheme': () => ({ authorization: 'Basic YWRtaW46YWRtaW4=' }),
    nonsense: () => bearer('nonsense'),
    'an API token that was never made': () => bearer(`pvt_${'a'.repeat(12)}_${'b'.repeat(43)}`),
    'an access token that has expired': async () => bearer(await issuer.token({ roles: ['administrator'], exp: now - 60 })),
    'one that does not expire': async () => bearer(await issuer.token({ roles: ['administrator'], exp: undefined })),
    'one that is not valid yet': async () => bearer(await issuer.token({ roles: ['administrator'], nbf: now + 600 })),
    'one for somebody else': async () => bearer(await issuer.token({ roles: ['administrator'], aud: 'another-api' })),
    'one for nobody in particular': async () => bearer(await issuer.token({ roles: ['administrator'], aud: undefined })),
    'one of another issuer': async () => bearer(await issuer.token({ roles: ['administrator'], iss: 'https://login.example.com' })),
    'one that nobody has signed': () => bearer(forged({ alg: 'none' }, '')),
    'one that is signed with a published key as a password': () =>
      bearer(forged({ alg: 'HS256', kid: issuer.published.kid }, JSON.stringify(issuer.published))),
    'one that was changed': async () =>
      bearer(
        (await issuer.token({ roles: ['reports-reader'] })).replace(
          /\.([^.]+)\./,
          `.${encoded({ ...claims(), roles: ['administrator'] })}.`,
        ),
      ),
  };
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = () => ({ iss: issuer.url, aud: 'provident', sub: 'x', exp: now + 600, roles: ['administrator'] });
  function forged(header: object, password: string): string {
    const signed = `${encoded(header)}.${encoded(claims())}`;
    return `${signed}.${password === '' ? '' : createHmac('sha256', password).update(signed).digest('base64url')}`;
  }

  test.each(Object.keys(bad))('%s: every route but the open ones is closed', async (how) => {
    const headers = await bad[how]!();
    const answers = await Promise.all(names.map(async (name) => ({ name, ...(await call(name, { headers })) })));
    for (const { name, status, text } of answers) {
      const isOpen = neededOf(name).permission === 'nobody';
      expect([name, status === 401 || status === 429]).toEqual([name, !isOpen]);
      if (!isOpen && status === 401) expect(['not-signed-in', 'InvalidAuthenticationToken']).toContain(errorIn(name, text).code);
    }
    expect(names.filter((name) => neededOf(name).permission === 'nobody')).toEqual(['live', 'ready', 'openapi', 'signIn', 'streamKeys']);
  });

  test.each<[why: string, claims: Record<string, unknown>, words: string]>([
    ['not yet', { nbf: now + 600 }, `does not hold before ${new Date((now + 600) * 1_000).toISOString()}: are the clocks right?`],
    ['no more', { exp: now - 600 }, 'the access token has expired'],
    ['for somebody else', { aud: 'another-api' }, 'the access token is for somebody else: "aud" does not fit'],
    ['for ever', { exp: undefined }, 'the access token lacks the claim "exp"'],
  ])('says what is wrong with an access token: %s', async (_, claims, words) => {
    const { status, text } = await call('me', { headers: bearer(await issuer.token({ roles: ['administrator'], ...claims })) });
    expect([status, errorIn('me', text).message]).toEqual([401, expect.stringContaining(words)]);
  });

  test('an issuer that is away is no fault of the caller, and nobody is let in meanwhile', async () => {
    const other = await TestIssuer.start();
    const away = await startTestApi([], {
      access: { signIn: 'required', openId: { ...openIdOf(other.url) }, clientId: null, scopes: [] },
    });
    try {
      other.isAway = true;
      const ask = () =>
        other.token({ roles: ['administrator'] }).then((token) => fetch(new URL('/provident/v1/me', away.url), { headers: bearer(token) }));
      expect((await ask()).status).toBe(503);
      other.isAway = false;
      expect((await ask()).status).toBe(200);
    } finally {
      await away.close();
      await other.close();
    }
  });
});

const openIdOf = (url: string): OpenIdSettings => ({
  issuer: url,
  audiences: ['provident'],
  algorithms: ['ES256'],
  clockToleranceS: 5,
  jwksUrl: null,
  rolesClaim: 'roles',
  grantsOf: (value) => granted[value] ?? [],
  nameClaims: ['preferred_username'],
});

describe('every role, at every route', () => {
  test.each(roleNames)('%s, everywhere', async (role) => {
    const headers = await asRole(role);
    for (const name of names) {
      const { permission } = neededOf(name);
      const isAllowed = permission === 'nobody' || permission === 'anybody' || mayByRole[role].includes(permission);
      const { status } = await call(name, { headers });
      expect([name, status !== 403 && status !== 401]).toEqual([name, isAllowed]);
    }
  });

  test.each(roleNames)('%s for one job, asked about another', async (role) => {
    const headers = await asRole(`${role}@${seen}`);
    for (const name of names) {
      const { permission, job } = neededOf(name);
      const { status, text } = await call(name, { headers });
      if (permission === 'nobody' || permission === 'anybody') expect([name, status]).toEqual([name, status < 400 ? status : 200]);
      else if (permission === 'maintain' || permission === 'secure') expect([name, status]).toEqual([name, 403]);
      else if (!mayByRole[role].includes(permission) || role === 'security-administrator') {
        const isReport = permission === 'read' && role === 'security-administrator';
        expect([name, [403, ...(isReport ? [200, 404, 400] : [])].includes(status)]).toEqual([name, true]);
      } else if (job === 'path' || job === 'simulation') expect([name, status]).toEqual([name, 404]);
      else if (job === 'definition') expect([name, status]).toEqual([name, 403]);
      expect([name, text.includes(hidden) && !mayEcho(name, text)]).toEqual([name, false]);
    }
  });

  test.each(roleNames.filter((role) => role !== 'security-administrator'))('%s for one job, asked about it', async (role) => {
    const headers = await asRole(`${role}@${seen}`);
    for (const name of names) {
      const { permission, job } = neededOf(name);
      if (job === 'simulation' || permission === 'nobody') continue;
      const isAllowed = permission === 'anybody' || (mayByRole[role].includes(permission) && job !== 'installation');
      const { status } = await call(name, { headers, job: seen });
      expect([name, status !== 403 && status !== 401]).toEqual([name, isAllowed]);
    }
  });

  test('an operator may not bring rules of their own: they say where secrets are sent', async () => {
    const draft = { definition: { job: hidden, target: {} } };
    expect((await call('simulateJob', { headers: await asRole('operator'), body: draft })).status).toBe(403);
    expect((await call('simulateJob', { headers: await asRole('operator'), body: {} })).status).toBe(202);
    expect((await call('simulateJob', { headers: await asRole('administrator'), body: draft })).status).toBe(202);
  });

  test('nobody with a role that is not known here may do anything', async () => {
    const headers = await asRole('Global Administrator');
    expect(MeView.parse(JSON.parse((await call('me', { headers })).text))).toMatchObject({
      name: 'ada@example.com',
      grants: [],
      permissions: {},
    });
    expect((await call('jobs', { headers })).status).toBe(403);
  });
});

/** An error repeats what was asked for: that tells nothing. */
const mayEcho = (name: keyof Routes, text: string): boolean => {
  const { message } = errorIn(name, text);
  return message === `there is no job ${hidden}` || message.includes(`for job ${hidden}`);
};

describe('a reader of one job', () => {
  const ask = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(new URL(path, api.url), { headers: await asRole(`reports-reader@${seen}`) });
    return { status: response.status, text: await response.text() };
  };

  test.each([
    '/provident/v1/jobs',
    '/provident/v1/log?limit=1000',
    `/provident/v1/log?job=${hidden}`,
    '/provident/v1/log?user=E-1',
    '/provident/v1/log?status=failure',
    '/provident/v1/people?search=Person',
    '/provident/v1/people?search=E-',
    '/provident/v1/people/E-1/story',
    '/provident/v1/people/E-1/why',
    '/provident/v1/events?limit=1000',
    `/provident/v1/events?job=${hidden}`,
    '/provident/v1/events?user=E-1',
    '/provident/v1/export/provisioning?format=jsonl',
    '/provident/v1/export/provisioning?format=csv&file=steps',
    '/provident/v1/export/audits?format=jsonl',
    '/v1.0/auditLogs/provisioning?$top=999',
    `/v1.0/auditLogs/provisioning?$filter=jobId eq '${hidden}'`,
    '/v1.0/auditLogs/directoryAudits?$top=999',
    `/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/displayName eq 'Wiki')`,
    '/v1.0/servicePrincipals',
  ])('finds nothing of another at %s', async (path) => {
    const { status, text } = await ask(path);
    expect([path, status]).toEqual([path, 200]);
    expect(text).not.toContain(hidden);
    expect(text.replaceAll(/"value":"E-1"|holds nobody with ..E-1../g, '')).not.toMatch(/Person E-|E-1\b|w-E-/);
  });

  test('counts nothing of it', async () => {
    expect((await ask('/v1.0/auditLogs/provisioning/$count')).text).toBe('1');
    const all = await fetch(new URL('/v1.0/auditLogs/provisioning/$count', api.url), { headers: await asRole('reports-reader') });
    expect(Number(await all.text())).toBe(1 + everybody.length);
    expect(JSON.parse((await ask('/v1.0/servicePrincipals?$count=true')).text)).toMatchObject({ '@odata.count': 1 });
    expect(JSON.parse((await ask(`/v1.0/auditLogs/provisioning?$count=true&$filter=jobId eq '${hidden}'`)).text)).toMatchObject({
      '@odata.count': 0,
    });
  });

  test('finds no single entry, no event and no principal of it', async () => {
    const all = await fetch(new URL('/v1.0/auditLogs/directoryAudits?$top=1&$orderby=activityDateTime asc', api.url), {
      headers: await asRole('reports-reader'),
    });
    const { value } = (await all.json()) as { value: { id: string }[] };
    for (const path of [
      `/v1.0/auditLogs/provisioning/${hidden}-c1-E-1`,
      `/v1.0/auditLogs/directoryAudits/${value[0]!.id}`,
      `/v1.0/servicePrincipals/${api.principalOf(hidden)}`,
      `/v1.0/servicePrincipals/${api.principalOf(hidden)}/synchronization/jobs`,
      `/v1.0/servicePrincipals/${api.principalOf(hidden)}/synchronization/templates`,
      `/beta/applications/${api.principalOf(hidden)}/synchronization/jobs/${hidden}/schema`,
      `/v1.0/servicePrincipals/${api.principalOf(seen)}/synchronization/jobs/${hidden}`,
      `/provident/v1/attempts/difference?from=${hidden}-c1-E-1`,
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    expect((await ask(`/beta/applications/${api.principalOf(seen)}/synchronization/jobs/${seen}/schema`)).status).toBe(200);
  });

  test('follows no event of it', async () => {
    const ending = new AbortController();
    const response = await fetch(new URL('/provident/v1/events/follow?after=0', api.url), {
      headers: await asRole(`reports-reader@${seen}`),
      signal: ending.signal,
    });
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      if (text.includes('cycle-closed')) break;
    }
    ending.abort();
    expect(text).toContain(`"jobId":"${seen}"`);
    expect(text).not.toContain(hidden);
  });
});

describe('API tokens', () => {
  const make = async (grants: GrantView[], expiresInDays: number | null = 1, name = `t-${Math.random().toString(36).slice(2)}`) =>
    TokenMadeView.parse(
      JSON.parse(
        (await call('makeToken', { headers: await asRole('security-administrator'), body: { name, grants, expiresInDays } })).text,
      ),
    );
  const operator: GrantView[] = [{ role: 'operator', jobs: [seen] }];

  test('sign in as what they were made for, and are named in what they do', async () => {
    const { token, secret } = await make(operator);
    const headers = bearer(secret);
    const me = MeView.parse(JSON.parse((await call('me', { headers })).text));
    expect(me).toMatchObject({
      name: token.name,
      signedIn: 'token',
      permissions: { read: [seen], operate: [seen] },
      expiresAt: token.expiresAt,
    });
    expect((await call('start', { headers, job: seen })).status).toBe(200);
    expect(api.commands.sent.at(-1)).toEqual([
      'provident.command.start-job',
      { jobId: seen, by: { kind: 'application', name: token.name } },
    ]);
    expect((await call('start', { headers, job: hidden })).status).toBe(404);
    const { tokens } = TokensView.parse(JSON.parse((await call('tokens', { headers: await asRole('security-administrator') })).text));
    expect(tokens.find(({ tokenId }) => tokenId === token.tokenId)).toMatchObject({ state: 'valid', lastUsedAt: expect.any(String) });
  });

  test('are refused at once when they are revoked, also by an instance that has just let them in', async () => {
    const { token, secret } = await make(operator);
    expect((await call('jobs', { headers: bearer(secret) })).status).toBe(200);
    const headers = await asRole('security-administrator');
    const revoked = await fetch(new URL(`/provident/v1/tokens/${token.name}`, api.url), { method: 'DELETE', headers });
    expect(revoked.status).toBe(200);
    expect((await call('jobs', { headers: bearer(secret) })).status).toBe(401);
  });

  test('end what they have begun: who follows events hears no more', async () => {
    const { token, secret } = await make([{ role: 'reports-reader', jobs: null }]);
    const response = await fetch(new URL('/provident/v1/events/follow', api.url), { headers: bearer(secret) });
    await fetch(new URL(`/provident/v1/tokens/${token.tokenId}`, api.url), {
      method: 'DELETE',
      headers: await asRole('security-administrator'),
    });
    for await (const chunk of response.body!) expect(Buffer.from(chunk).toString()).toMatch(/^:/);
  });

  test('expire', async () => {
    const { secret } = await make(operator, 1);
    expect((await call('jobs', { headers: bearer(secret) })).status).toBe(200);
    clock += 2 * 86_400_000;
    expect((await call('jobs', { headers: bearer(secret) })).status).toBe(401);
    clock -= 2 * 86_400_000;
    expect((await call('jobs', { headers: bearer(secret) })).status).toBe(200);
  });

  test('are kept as a hash that no answer shows, and a wrong secret is not let in', async () => {
    const { token, secret } = await make(operator, null);
    const wrong = secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A');
    expect((await call('jobs', { headers: bearer(wrong) })).status).toBe(401);
    const headers = await asRole('security-administrator');
    const shown = await Promise.all(
      (['tokens', 'me', 'openapi', 'events', 'graphAudits', 'exportAudits'] as const).map((name) => call(name, { headers })),
    );
    const log = JSON.stringify(api.log.events);
    const proof = parseApiToken(secret)!.secret;
    for (const text of [...shown.map((each) => each.text), log]) {
      expect(text).not.toContain(proof);
      expect(text).not.toContain('"hash"');
    }
    expect(log).toContain(token.tokenId);
  });

  test('have a name of their own, and are for all jobs where they could not be for one', async () => {
    const { token } = await make(operator);
    const headers = await asRole('security-administrator');
    expect((await call('makeToken', { headers, body: { name: token.name, grants: operator } })).status).toBe(409);
    const limited = { name: 'x', grants: [{ role: 'security-administrator', jobs: [seen] }] };
    expect((await call('makeToken', { headers, body: limited })).status).toBe(400);
    for (const body of [
      { name: 'x', grants: [] },
      { name: '../x', grants: operator },
      { name: 'x', grants: [{ role: 'god' }] },
      { name: 'x', grants: operator, expiresInDays: 0 },
    ])
      expect((await call('makeToken', { headers, body })).status).toBe(400);
  });

  test('leave events behind when they are made and revoked', () => {
    const made = api.log.events.filter((event) => is(event, TokenCreated));
    const revoked = api.log.events.filter((event) => is(event, TokenRevoked));
    expect(made.length).toBeGreaterThan(3);
    expect(revoked.length).toBe(2);
    expect(made[0]!.data).toMatchObject({ by: { kind: 'user', name: 'ada@example.com' }, grants: operator });
  });
});

describe('what is denied, and what leaves no other trace', () => {
  /** Denials are told behind the answer. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  test('is in the log: the first attempt of each caller at once, by name, address, route and job', () => {
    const denied = api.log.events.filter((event) => is(event, AccessDenied)).map(({ data }) => data);
    expect(denied.find(({ kind }) => kind === 'not-signed-in')).toMatchObject({ address: '127.0.0.1', count: 1, by: { name: 'nobody' } });
    expect(denied.find(({ kind }) => kind === 'not-allowed')).toMatchObject({
      address: '127.0.0.1',
      count: 1,
      by: { kind: 'user', name: 'ada@example.com' },
    });
    // Hundreds were denied above.
    expect(denied.length).toBeLessThan(10);
  });

  test('and so is who asks for sensitive values and may not see them: the answer has none', async () => {
    const asking = async (role: string, name: string, headers: Record<string, string> = { [revealHeader.name]: revealHeader.value }) => ({
      ...bearer(await issuer.token({ roles: [role], preferred_username: name })),
      ...headers,
    });
    const deniedTo = (name: string) =>
      api.log.events.filter((event) => is(event, AccessDenied)).filter(({ data }) => data.by.name === name);
    // Only because they were asked for.
    expect((await call('log', { headers: await asking('operator', 'ben', {}) })).status).toBe(200);
    expect((await call('log', { headers: await asking('security-administrator', 'sue') })).status).toBe(200);
    expect((await call('log', { headers: await asking('operator', 'eve') })).status).toBe(200);
    await until(() => deniedTo('eve').length > 0);
    expect(deniedTo('eve').map(({ data }) => data)).toMatchObject([
      {
        kind: 'not-allowed',
        message: 'sensitive values were asked for: this needs the permission "secure" for all jobs',
        route: 'GET /provident/v1/log',
        address: '127.0.0.1',
        count: 1,
      },
    ]);
    expect([...deniedTo('ben'), ...deniedTo('sue')]).toEqual([]);
  });

  test('and so is who took a backup, or let the read models be compared', async () => {
    const headers = await asRole('administrator');
    expect((await call('backup', { headers })).status).toBe(200);
    expect((await call('checkReadModels', { headers })).status).toBe(202);
    expect((await call('backup', { headers: await asRole('operator') })).status).toBe(403);
    const taken = api.log.events.filter((event) => is(event, ActionTaken)).map(({ data }) => data);
    expect(taken.slice(-2)).toMatchObject([
      { route: 'GET /provident/v1/backup', by: { name: 'ada@example.com' } },
      { route: 'POST /provident/v1/read-models/checks', by: { name: 'ada@example.com' } },
    ]);
  });
});

describe('OpenID access tokens', () => {
  test('are read with the keys of the issuer, which are fetched once, and again for a new one', async () => {
    const before = issuer.fetches;
    const headers = await asRole('reports-reader');
    await Promise.all([call('jobs', { headers }), call('jobs', { headers })]);
    expect(issuer.fetches).toBe(before);
    await issuer.rotate();
    const renewed = await asRole('reports-reader');
    const deadline = Date.now() + 30_000;
    let status = 0;
    // Keys that are not known are looked for at most every few seconds.
    while ((status = (await call('jobs', { headers: renewed })).status) !== 200 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 250));
    expect(status).toBe(200);
    expect(issuer.fetches).toBe(before + 1);
  });

  test('how one signs in is told to everybody, and no more', async () => {
    const signIn = SignInView.parse(JSON.parse((await call('signIn', { headers: {} })).text));
    const [authorizationEndpoint, tokenEndpoint] = [`${issuer.url}/authorize`, `${issuer.url}/token`];
    const openId = { issuer: issuer.url, clientId: 'portal', scopes: ['openid'], authorizationEndpoint, tokenEndpoint };
    expect(signIn).toEqual({ required: true, tokens: true, openId });
  });
});
