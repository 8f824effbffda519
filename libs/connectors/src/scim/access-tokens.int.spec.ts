import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { networkPolicy } from '../network/address-policy.js';
import { AccessTokens } from './access-tokens.js';
import { ScimTargetConfig, scimTarget } from './index.js';

interface IssuedToken {
  destroy(): Promise<void>;
}
/** As much of the OpenID provider as is used here: it comes without types. */
interface Provider {
  callback(): RequestListener;
  readonly ClientCredentials: { find(token: string): Promise<IssuedToken | undefined> };
}
const provided = (await import('oidc-provider' as string)) as { Provider: new (issuer: string, settings: object) => Provider };

const secret = 'of-the-client: 50% "safe" & sound';
process.env['ACCESS_TOKENS_SECRET'] = secret;
process.env['ACCESS_TOKENS_WRONG'] = 'not-of-the-client';

const servers: Server[] = [];
async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let provider: Provider;
let issuer: string;
let target: string;
/** Tokens that were asked for, and what the target was asked with. */
let fetched = 0;
const seen: { readonly authorization: string; readonly all: string }[] = [];
let isClosed = false;

beforeAll(async () => {
  issuer = await listening((request, response) => {
    if (request.url?.startsWith('/token')) fetched += 1;
    provider.callback()(request, response);
  });
  provider = new provided.Provider(issuer, {
    clients: ['client_secret_basic', 'client_secret_post'].map((method) => ({
      client_id: `provident:${method}`,
      client_secret: secret,
      token_endpoint_auth_method: method,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: 'scim',
    })),
    scopes: ['scim', 'everything'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { ClientCredentials: 600 },
  });
  target = await listening((request, response) => {
    const { authorization = '' } = request.headers;
    seen.push({ authorization, all: JSON.stringify([request.url, request.rawHeaders]) });
    void provider.ClientCredentials.find(authorization.replace('Bearer ', '')).then((token) => {
      const isIn = token !== undefined && !isClosed;
      const schemas = [`urn:ietf:params:scim:api:messages:2.0:${isIn ? 'ListResponse' : 'Error'}`];
      const body = isIn ? { schemas, totalResults: 0, Resources: [] } : { schemas, status: '401', detail: `who is ${authorization}?` };
      response.writeHead(isIn ? 200 : 401, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body));
    });
  });
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
beforeEach(() => {
  fetched = 0;
  seen.length = 0;
  isClosed = false;
});

const clientId = 'provident:client_secret_basic';
const oauth2 = (settings: object = {}) => ({
  tokenUrl: `${issuer}/token`,
  clientId,
  clientSecret: { env: 'ACCESS_TOKENS_SECRET' },
  scope: 'scim',
  ...settings,
});
const options = { baseDir: '.', readOnly: false, timeoutMs: 5_000 };
const { signal } = new AbortController();
async function asking<Answer>(work: (find: () => Promise<unknown>) => Promise<Answer>, settings?: object): Promise<Answer> {
  const connector = await scimTarget.open(ScimTargetConfig.parse({ url: `${target}/scim`, auth: { oauth2: oauth2(settings) } }), options);
  try {
    return await work(() => connector.find({ objectType: 'User', attribute: 'userName', value: 'ada' }, [], signal));
  } finally {
    await connector.close();
  }
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { facts: object; message: string; stack: string; cause?: Error }) => error,
  );
const bearers = (): string[] => [...new Set(seen.map(({ authorization }) => authorization))];

describe('a target that takes tokens of an authorization server', () => {
  test.each([
    ['header', 'provident:client_secret_basic'],
    ['body', 'provident:client_secret_post'],
  ])('lets in with one, fetched once, with the secret in the %s', async (sendSecret, client) => {
    await asking(
      async (find) => {
        await Promise.all([find(), find(), find()]);
        await find();
      },
      { sendSecret, clientId: client },
    );
    expect([fetched, bearers().length]).toEqual([1, 1]);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen.map(({ all }) => all).join()).not.toContain('of-the-client');
  });

  test('that was withdrawn before its end gets another one, and nobody notices', async () => {
    await asking(async (find) => {
      await find();
      await (await provider.ClientCredentials.find(bearers()[0]!.replace('Bearer ', '')))!.destroy();
      await find();
      await find();
    });
    expect([fetched, bearers().length]).toEqual([2, 2]);
  });

  test('that takes none is asked twice, and not for ever; no token is in what is told', async () => {
    isClosed = true;
    const failure = await asking((find) => failureOf(find()));
    expect(failure).toMatchObject({ kind: 'unauthorized', facts: { status: 401 } });
    expect([fetched, seen.length]).toEqual([2, 2]);
    for (const bearer of bearers()) expect(`${failure!.message} ${failure!.stack}`).not.toContain(bearer.replace('Bearer ', ''));
  });

  test.each([
    ['a wrong secret', { clientSecret: { env: 'ACCESS_TOKENS_WRONG' } }, /invalid_client/],
    ['a client that is not known', { clientId: 'somebody' }, /invalid_client/],
    ['a scope that is not granted', { scope: 'everything' }, /invalid_scope/],
  ])('is not even asked with %s: the credentials are bad', async (_what, settings, words) => {
    const failure = await asking((find) => failureOf(find()), settings);
    expect(failure).toMatchObject({ kind: 'unauthorized', facts: { code: 'token-refused' }, message: expect.stringMatching(words) });
    expect(failure!.message).not.toContain('of-the-client');
    expect(seen).toEqual([]);
  });

  test('is not opened without the secret, nor where nothing may connect to the authorization server', async () => {
    await expect(asking(async () => null, { clientSecret: { env: 'ACCESS_TOKENS_NONE' } })).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    const auth = { oauth2: oauth2({ tokenUrl: 'http://169.254.169.254/token' }) };
    await expect(scimTarget.open(ScimTargetConfig.parse({ url: `${target}/scim`, auth }), options)).rejects.toMatchObject({
      facts: { code: 'address-refused' },
    });
    const tokens = new AccessTokens(
      { ...oauth2({ tokenUrl: issuer.replace('127.0.0.1', 'localhost') }), sendSecret: 'header' },
      { ...options, network: networkPolicy('') },
    );
    await expect(tokens.current()).rejects.toMatchObject({ facts: { code: 'address-refused' } });
    await tokens.close();
    expect([fetched, seen]).toEqual([0, []]);
  });
});

describe('an access token', () => {
  const tokens = (tokenUrl: string, now?: () => number) =>
    new AccessTokens({ ...oauth2({ tokenUrl }), sendSecret: 'header' }, options, now);

  test.each([
    [600, 569, 571],
    [10, 8.9, 9.1],
    [undefined, 269, 271],
  ])('of %p s is kept until shortly before its end', async (expiresIn, before, after) => {
    let made = 0;
    const url = await listening((_request, response) =>
      response.end(JSON.stringify({ access_token: `token-${++made}`, token_type: 'bearer', expires_in: expiresIn })),
    );
    let now = 0;
    const some = tokens(url, () => now);
    const at = (seconds: number): Promise<string> => {
      now = seconds * 1_000;
      return some.current();
    };
    expect([await at(0), await at(before), await at(after)]).toEqual(['token-1', 'token-1', 'token-2']);
    await some.close();
  });

  type Answer = readonly [status: number, body: string, headers?: Record<string, string>];
  test.each<[string, Answer, object]>([
    ['401', [401, '{"error":"invalid_client"}'], { kind: 'unauthorized', code: 'token-refused', status: 401 }],
    ['403 of a proxy', [403, 'no'], { kind: 'unauthorized', code: 'token-refused', status: 403 }],
    ['400 that says why', [400, '{"error":"unauthorized_client"}'], { kind: 'unauthorized', code: 'token-refused' }],
    ['400 that does not', [400, 'what?'], { kind: 'misconfigured', code: 'token-address' }],
    ['404', [404, '<html>'], { kind: 'misconfigured', code: 'token-address' }],
    ['429', [429, '', { 'retry-after': '7' }], { kind: 'throttled', code: 'token-throttled', retryAfterMs: 7_000 }],
    ['503', [503, ''], { kind: 'unavailable', code: 'token-server-away', status: 503 }],
    ['a redirect', [302, '', { location: 'http://169.254.169.254/' }], { kind: 'protocol', code: 'token-redirect' }],
    ['a page for people', [200, '<html>Sign in</html>'], { kind: 'protocol', code: 'token-unreadable' }],
    ['no token', [200, '{"token_type":"Bearer"}'], { kind: 'protocol', code: 'token-unreadable' }],
    ['a token of another kind', [200, '{"access_token":"a","token_type":"mac"}'], { kind: 'protocol', code: 'token-type' }],
    ['a token with a line break', [200, '{"access_token":"a\\nb","token_type":"Bearer"}'], { kind: 'protocol', code: 'token-unreadable' }],
    ['too much', [200, `"${'x'.repeat(300_000)}"`], { kind: 'protocol', code: 'token-unreadable' }],
  ])('that is answered with %s', async (_what, [status, body, headers], facts) => {
    const url = await listening((_request, response) => response.writeHead(status, headers).end(body));
    const some = tokens(url);
    await expect(some.current()).rejects.toMatchObject({ facts });
    await some.close();
  });

  test('is never had from a server that is away or never answers, and is asked for again', async () => {
    let isAway = true;
    const url = await listening((request, response) => {
      if (isAway) request.socket.destroy();
      else response.end(JSON.stringify({ access_token: 'here', token_type: 'Bearer' }));
    });
    const some = tokens(url);
    await expect(some.current()).rejects.toMatchObject({ facts: { kind: 'unavailable', code: 'token-server-away' } });
    isAway = false;
    expect(await some.current()).toBe('here');
    await some.close();
    const silent = await listening(() => undefined);
    const patient = new AccessTokens({ ...oauth2({ tokenUrl: silent }), sendSecret: 'header' }, { ...options, timeoutMs: 200 });
    await expect(patient.current()).rejects.toMatchObject({ facts: { kind: 'unavailable', code: 'token-timeout' } });
    await patient.close();
  });

  test('a server that repeats the secret does not make it known', async () => {
    const url = await listening((request, response) => {
      const [id, word] = Buffer.from(request.headers.authorization!.replace('Basic ', ''), 'base64').toString().split(':');
      const said = {
        error: 'invalid_client',
        error_description: `${id} ${secret} ${word} ${request.headers.authorization}`,
      };
      response.writeHead(401).end(JSON.stringify(said));
    });
    const some = tokens(url);
    const failure = (await failureOf(some.current()))!;
    expect(failure.message).toContain('***');
    expect(failure.message).not.toMatch(/safe|sound/);
    for (const text of [failure.message, failure.stack, String(failure.cause)]) {
      expect(text).not.toContain('of-the-client');
      expect(text).not.toContain(Buffer.from('of-the-client').toString('base64').slice(0, 12));
    }
    await some.close();
  });
});
