import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { TargetConnector } from '../connector.js';
import { ConnectorError, type ConnectorErrorKind } from '../connector-error.js';
import { type QuirkAction, QuirkFault, type QuirkScimServer, type Quirks, startQuirkScimServer } from '../testing/index.js';
import { ScimTargetConfig, scimTarget } from './index.js';

const token = 'S3cret/Token+of=the~job';
process.env['SCIM_BROKEN_TOKEN'] = token;
const signal = new AbortController().signal;

const calls = {
  find: (target: TargetConnector) => target.find({ objectType: 'User', attribute: 'userName', value: 'noor' }, ['userName'], signal),
  findByMail: (target: TargetConnector) =>
    target.find({ objectType: 'User', attribute: 'emails[type eq "work"].value', value: 'noor@x.test' }, [], signal),
  findByExternalId: (target: TargetConnector) => target.find({ objectType: 'User', attribute: 'externalId', value: 'x1' }, [], signal),
  read: (target: TargetConnector) => target.read('User', 'u-1', ['userName'], signal),
  create: (target: TargetConnector) => target.create('User', { userName: 'fresh' }, signal),
  update: (target: TargetConnector) => target.update('User', 'u-1', [{ attribute: 'title', old: null, new: 'Head' }], signal),
  disable: (target: TargetConnector) => target.setActive('User', 'u-1', false, signal),
  remove: (target: TargetConnector) => target.remove('User', 'u-1', signal),
  count: (target: TargetConnector) => target.count('User', signal),
  describe: (target: TargetConnector) => target.describe(signal),
  listAll: async (target: TargetConnector) => {
    const ids: string[] = [];
    for (let from: string | null | undefined; from !== null; ) {
      const page = await target.list('User', [], from ?? null, signal);
      ids.push(...page.objects.map(({ id }) => id));
      from = page.next;
    }
    return ids;
  },
};

let server: QuirkScimServer;
let elsewhere: { url: string; requests: number; close(): Promise<unknown> };
const targets: TargetConnector[] = [];

beforeAll(async () => {
  let requests = 0;
  const other = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  elsewhere = {
    url: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    close: () => new Promise((resolve) => other.close(resolve)),
  };
});
afterAll(() => elsewhere.close());

beforeEach(async () => {
  server = await startQuirkScimServer({ token });
  for (let index = 1; index <= 5; index += 1)
    server.add({
      userName: index === 1 ? 'noor' : `user${index}`,
      active: true,
      externalId: `x${index}`,
      emails: [{ type: 'work', value: `user${index}@x.test` }],
    });
});
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
  await server.close();
});

async function open(settings: object = {}, readOnly = false): Promise<TargetConnector> {
  const config = ScimTargetConfig.parse({ url: server.url, auth: { bearer: { env: 'SCIM_BROKEN_TOKEN' } }, pageSize: 2, ...settings });
  const target = await scimTarget.open(config, { baseDir: '.', readOnly, timeoutMs: 300 });
  targets.push(target);
  return target;
}

async function failureOf(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    (value) => expect(value).toBe('a failure'),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  expect(inspect(error, { depth: 6 })).not.toContain(token);
  expect(JSON.stringify((error as ConnectorError).facts)).not.toContain('S3cret');
  expect((error as ConnectorError).message).toMatch(/^[A-Z].{15,}/s);
  return error as ConnectorError;
}

type Call = keyof typeof calls;
const scimError = (status: number, detail: string, scimType?: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  detail,
  ...(scimType && { scimType }),
});
const list = (more: object) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], ...more });
const page = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>';
const answer = (status: number, body?: string | Record<string, unknown>, headers?: Record<string, string>): QuirkAction => ({
  do: 'answer',
  status,
  ...(body !== undefined && { body }),
  ...(headers && { headers }),
});

describe('a target that', () => {
  test.each<[string, Call, QuirkAction, ConnectorErrorKind, string, RegExp]>([
    [
      'does not know the token',
      'find',
      answer(401, scimError(401, `token ${token} is unknown`)),
      'unauthorized',
      'http-401',
      /token \*\*\* is unknown/,
    ],
    ['forbids', 'update', answer(403, scimError(403, 'this account is managed elsewhere')), 'forbidden', 'http-403', /managed elsewhere/],
    [
      'sends a login page under 200 to a look-up',
      'find',
      answer(200, page, { 'content-type': 'text/html' }),
      'protocol',
      'not-json',
      /HTML page: .*Sign in/,
    ],
    ['sends a login page under 200 to a creation', 'create', answer(200, page), 'protocol', 'not-json', /HTML page/],
    ['sends a login page under 200 to a change', 'update', answer(200, page), 'protocol', 'not-json', /HTML page/],
    ['sends a login page under 200 to a removal', 'remove', answer(200, page), 'protocol', 'not-json', /HTML page/],
    ['sends text', 'read', answer(200, 'It works!'), 'protocol', 'not-json', /It works!/],
    [
      'echoes the token in a page',
      'find',
      answer(200, `<html>${'x'.repeat(80)} Authorization: Bearer ${token}</html>`),
      'protocol',
      'not-json',
      /Bearer \*\*\*/,
    ],
    ['sends broken JSON', 'find', answer(200, '{"Resources":['), 'protocol', 'not-json', /no JSON object: \{"Resources":\[/],
    ['sends JSON that is no object', 'find', answer(200, '[]'), 'protocol', 'not-json', /no JSON object/],
    ['sends an empty object to a look-up', 'find', answer(200, {}), 'protocol', 'wrong-shape', /not a list/],
    ['sends nothing to a look-up', 'find', answer(200), 'protocol', 'wrong-shape', /empty/],
    ['sends a list of texts', 'find', answer(200, list({ totalResults: 1, Resources: ['u-1'] })), 'protocol', 'wrong-shape', /Resources/],
    [
      'lists an object without an id',
      'find',
      answer(200, list({ totalResults: 1, Resources: [{ userName: 'noor' }] })),
      'protocol',
      'wrong-shape',
      /no id/,
    ],
    ['promises a match and sends none', 'find', answer(200, list({ totalResults: 1 })), 'protocol', 'wrong-shape', /promises 1/],
    ['sends a list for one object', 'read', answer(200, list({ totalResults: 0, Resources: [] })), 'protocol', 'wrong-shape', /list came/],
    ['sends another object', 'read', answer(200, { id: 'u-2', userName: 'x' }), 'protocol', 'wrong-shape', /another object.*u-2/],
    [
      'sends an error under 200',
      'update',
      answer(200, scimError(400, 'no such title', 'invalidValue')),
      'rejected',
      'http-400-invalid-value',
      /no such title/,
    ],
    [
      'refuses a value',
      'create',
      answer(400, scimError(400, "Attribute 'userName' must be an address", 'invalidValue')),
      'rejected',
      'http-400-invalid-value',
      /must be an address/,
    ],
    [
      'knows the name already',
      'create',
      answer(409, scimError(409, 'userName taken', 'uniqueness')),
      'conflict',
      'http-409',
      /userName taken/,
    ],
    ['asks for a pause', 'update', answer(429, '', { 'retry-after': '1.5' }), 'throttled', 'http-429', /slow down/],
    ['is in maintenance until a time', 'find', answer(503, page, { 'retry-after': '120' }), 'throttled', 'http-503', /slow down/],
    ['is in maintenance', 'find', answer(503, page), 'unavailable', 'http-503', /not available/],
    ['has a failing gateway before a read', 'find', answer(502, page), 'unavailable', 'http-502', /not available/],
    ['has a failing gateway before a write', 'create', answer(504, page), 'unknown-outcome', 'http-504', /may or may not/],
    ['crashes', 'update', answer(500, 'stack trace'), 'unavailable', 'http-500', /stack trace/],
    ['redirects to nowhere', 'find', answer(302), 'protocol', 'redirect-elsewhere', /without saying where/],
    ['redirects in circles', 'find', answer(307, '', { location: '/scim/v2/Users' }), 'protocol', 'redirect-loop', /more than 3/],
    ['never answers a look-up', 'find', { do: 'hang' }, 'unavailable', 'timeout', /did not answer within 300 ms/],
    [
      'never answers a creation',
      'create',
      { do: 'hang', afterEffect: true },
      'unknown-outcome',
      'timeout',
      /may or may not have been made/,
    ],
    ['drips an answer', 'find', { do: 'drip', everyMs: 20 }, 'unavailable', 'timeout', /did not finish/],
    ['drips an answer to a write', 'create', { do: 'drip', everyMs: 20 }, 'unknown-outcome', 'timeout', /did not finish/],
    ['cuts every read', 'read', { do: 'reset' }, 'unavailable', 'connection-lost', /connection to the target was lost/],
    [
      'cuts a creation after carrying it out',
      'create',
      { do: 'reset', afterEffect: true },
      'unknown-outcome',
      'connection-lost',
      /may or may not/,
    ],
    ['cuts a change before carrying it out', 'update', { do: 'reset' }, 'unknown-outcome', 'connection-lost', /may or may not/],
    ['sends half a body', 'find', { do: 'half-body' }, 'unavailable', 'connection-lost', /lost/],
    ['sends half a body to a creation', 'create', { do: 'half-body' }, 'unknown-outcome', 'connection-lost', /may or may not/],
    ['speaks something else to a read', 'find', { do: 'garbage', bytes: 'SSH-2.0-OpenSSH_9\r\n\r\n' }, 'protocol', 'not-http', /not HTTP/],
    [
      'speaks something else to a write',
      'create',
      { do: 'garbage', bytes: 'SSH-2.0-OpenSSH_9\r\n\r\n' },
      'unknown-outcome',
      'not-http',
      /not HTTP/,
    ],
    ['floods', 'find', { do: 'flood', bytes: 11 * 1_024 * 1_024 }, 'protocol', 'answer-too-large', /larger than 10 MiB/],
    ['creates and sends half the JSON', 'create', answer(201, '{"id":"u-'), 'unknown-outcome', 'unreadable-answer', /created/],
    ['creates and names no id', 'create', answer(201, { userName: 'fresh' }), 'unknown-outcome', 'no-id', /without the new account's id/],
    ['fails during a listing', 'listAll', answer(200, page), 'protocol', 'not-json', /HTML page/],
    [
      'promises accounts and lists none',
      'listAll',
      answer(200, list({ totalResults: 7, Resources: [] })),
      'protocol',
      'short-list',
      /promises 7/,
    ],
    ['does not know the token when it describes itself', 'describe', answer(401), 'unauthorized', 'http-401', /credentials/],
  ])('%s', async (_what, call, action, kind, code, message) => {
    server.fail(new QuirkFault(action));
    const { facts } = await failureOf(calls[call](await open({ patch: 'always' })));
    expect(facts).toMatchObject({ kind, code });
    expect(facts.message).toMatch(message);
  });

  test.each<[string, Call, Quirks, ConnectorErrorKind, string, RegExp]>([
    [
      'ignores filters',
      'find',
      { filter: 'ignored', hidden: ['userName'] },
      'protocol',
      'filter-ignored',
      /ignores the filter on userName/,
    ],
    ['ignores filters on elements', 'findByMail', { filter: 'ignored' }, 'protocol', 'filter-ignored', /ignores the filter/],
    ['finds somebody else', 'findByMail', { filter: 'any-letter-case-and-more' }, 'protocol', 'match-differs', /another value/],
    [
      'cannot filter by the attribute',
      'findByExternalId',
      { unfilterable: ['externalId'] },
      'misconfigured',
      'http-400-invalid-filter',
      /cannot look accounts up by externalId/,
    ],
    ['sends the first page again and again', 'listAll', { paging: 'stuck' }, 'protocol', 'paging-repeats', /same page again/],
    ['loses an account before the page', 'listAll', { paging: 'moves-up' }, 'protocol', 'listing-moved', /changed their places/],
    ['gains an account before the page', 'listAll', { paging: 'moves-down' }, 'protocol', 'listing-moved', /changed their places/],
    ['answers that it disabled and did not', 'disable', { patchDoesNothing: true }, 'protocol', 'not-applied', /still true/],
    ['creates without a word', 'create', { created: 'nothing' }, 'unknown-outcome', 'no-id', /without the new account's id/],
  ])('%s', async (_what, call, quirks, kind, code, message) => {
    server.behave(quirks);
    const { facts } = await failureOf(calls[call](await open()));
    expect(facts).toMatchObject({ kind, code });
    expect(facts.message).toMatch(message);
  });
});

describe('a wrong address', () => {
  test.each<Call>(['find', 'read', 'create', 'update', 'disable', 'remove', 'count', 'listAll'])(
    'is never taken for absence: %s',
    async (call) => {
      server.behave({ htmlNotFound: true });
      const { facts } = await failureOf(calls[call](await open({ url: server.url.replace('/scim/v2', '/elsewhere') })));
      if (call !== 'count')
        expect(facts).toMatchObject({ kind: 'protocol', code: 'wrong-address', message: expect.stringMatching(/no SCIM service at 127/) });
    },
  );

  test('where nobody listens is unavailable, for writes too', async () => {
    await server.close();
    const target = await open();
    for (const call of ['find', 'create'] as const)
      expect((await failureOf(calls[call](target))).facts).toMatchObject({ kind: 'unavailable', code: 'no-connection' });
  });

  test('that redirects to another host gets no second request and the host no token', async () => {
    server.fail(new QuirkFault(answer(308, '', { location: `${elsewhere.url}/Users` })));
    const target = await open();
    for (const call of ['find', 'create'] as const)
      expect((await failureOf(calls[call](target))).facts).toMatchObject({
        kind: 'protocol',
        code: 'redirect-elsewhere',
        message: expect.stringContaining(elsewhere.url),
      });
    expect(elsewhere.requests).toBe(0);
  });
});

test('a PATCH that is answered with 200 and does nothing is no success; an answer that only lags behind is', async () => {
  const target = await open();
  const rename = (name: string, old: string) => target.update('User', 'u-1', [{ attribute: 'displayName', old, new: name }], signal);
  await target.update('User', 'u-1', [{ attribute: 'displayName', old: null, new: 'Noor' }], signal);
  server.behave({ patchDoesNothing: true });
  expect((await failureOf(rename('Noor B.', 'Noor'))).facts).toMatchObject({
    kind: 'rejected',
    code: 'not-applied',
    attribute: 'displayName',
    message: expect.stringContaining('is what it was before'),
  });
  server.fail(new QuirkFault(answer(200, { id: 'u-1', displayName: 'N.' }), { method: 'PATCH', times: 1 }));
  await expect(rename('Noor', 'N.')).resolves.toBeUndefined();
});

test('a refusal of disabling keeps the words of the first answer, whatever was tried after it', async () => {
  server.fail(
    new QuirkFault(answer(400, scimError(400, 'the last administrator stays', 'mutability')), { method: 'PATCH' }),
    new QuirkFault(answer(405), { method: 'PUT' }),
  );
  expect((await failureOf(calls.disable(await open()))).facts).toMatchObject({
    kind: 'rejected',
    message: expect.stringContaining('the last administrator stays'),
  });
});

test.each<['always' | 'auto', ConnectorErrorKind]>([
  ['always', 'forbidden'],
  ['auto', 'gone'],
])('a PATCH answered 404 says gone only of an account that is gone: %s', async (patch, kind) => {
  server.fail(new QuirkFault(answer(404, scimError(404, 'no')), patch === 'always' ? { method: 'PATCH' } : {}));
  expect((await failureOf(calls.update(await open({ patch })))).facts.kind).toBe(kind);
});

test('discovery that is down does not stop changes', async () => {
  server.fail(new QuirkFault(answer(500, 'down'), { url: /ServiceProviderConfig/ }));
  const target = await open();
  await expect(calls.update(target)).resolves.toBeUndefined();
  await expect(target.abilities(signal)).resolves.toMatchObject({ listPageSize: 2 });
});

describe('what heals', () => {
  test('a redirect to the same host is followed with method and body', async () => {
    server.fail(new QuirkFault(answer(307, '', { location: '/scim/v2/Users' }), { method: 'POST', times: 1 }));
    await expect(calls.create(await open())).resolves.toEqual({ id: 'u-6' });
    expect(server.journal.filter(({ method }) => method === 'POST').map(({ body }) => body?.['userName'])).toEqual(['fresh', 'fresh']);
  });

  test('a read whose connection was reset is sent once more, a write is not', async () => {
    server.fail(
      new QuirkFault({ do: 'reset' }, { method: 'GET', url: /filter/, times: 1 }),
      new QuirkFault({ do: 'reset' }, { method: 'POST', times: 1 }),
    );
    const target = await open();
    await expect(calls.find(target)).resolves.toMatchObject([{ id: 'u-1' }]);
    await failureOf(calls.create(target));
    expect(server.journal.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  });

  test('after a failure the next request works', async () => {
    server.fail(
      new QuirkFault({ do: 'hang' }, { times: 1 }),
      new QuirkFault({ do: 'half-body' }, { times: 2 }),
      new QuirkFault({ do: 'flood', bytes: 11_000_000 }, { times: 1 }),
    );
    const target = await open({ concurrency: 1 });
    await failureOf(calls.find(target));
    await failureOf(calls.find(target));
    await failureOf(calls.find(target));
    await expect(calls.find(target)).resolves.toHaveLength(1);
  });

  test('discovery that is missing or broken lowers nothing', async () => {
    server.fail(new QuirkFault(answer(200, page), { url: /ServiceProviderConfig|Schemas/ }));
    const target = await open({ concurrency: 12, pageSize: 50 });
    await expect(target.abilities(signal)).resolves.toEqual({
      list: true,
      listPageSize: 50,
      disable: true,
      delete: true,
      concurrency: 12,
      membersPerChange: 500,
      nestedGroups: true,
    });
    expect((await target.describe(signal)).objectTypes).toMatchObject([
      { name: 'User', complete: false },
      { name: 'Group', complete: false },
    ]);
    await expect(calls.update(target)).resolves.toBeUndefined();
    expect(server.journal.at(-1)).toMatchObject({ method: 'PATCH' });
  });

  test('a PATCH that is not known is tried once, then PUT is used', async () => {
    server.behave({ patchStatus: 501 });
    const target = await open();
    await calls.update(target);
    await calls.disable(target);
    expect(server.journal.filter(({ url }) => url.includes('/Users/')).map(({ method }) => method)).toEqual([
      'PATCH',
      'GET',
      'PUT',
      'GET',
      'PUT',
    ]);
    expect(server.users()[0]).toMatchObject({ title: 'Head', active: false, externalId: 'x1' });
  });

  test('an account that hides the attribute counts once the filter is seen to work', async () => {
    server.behave({ hidden: ['externalId'] });
    const target = await open();
    await expect(calls.findByExternalId(target)).resolves.toMatchObject([{ id: 'u-1' }]);
    await expect(calls.findByExternalId(target)).resolves.toMatchObject([{ id: 'u-1' }]);
    expect(server.journal).toHaveLength(3);
  });

  test('a server whose totals are only page sizes is listed whole and not counted', async () => {
    server.behave({ totalIsPageSize: true });
    const target = await open();
    await expect(calls.listAll(target)).resolves.toEqual(['u-1', 'u-2', 'u-3', 'u-4', 'u-5']);
    await expect(calls.count(target)).resolves.toBeNull();
  });

  test('a removal of what is gone is fine even when the answer is a web page, as long as the service is there', async () => {
    server.behave({ htmlNotFound: true });
    await expect((await open()).remove('User', 'nobody', signal)).resolves.toBeUndefined();
  });
});

test('a dry run reads and refuses every write before anything leaves', async () => {
  const target = await open({}, true);
  await expect(calls.find(target)).resolves.toHaveLength(1);
  for (const call of ['create', 'update', 'disable', 'remove'] as const)
    expect((await failureOf(calls[call](target))).facts).toMatchObject({ kind: 'forbidden', code: 'read-only' });
  expect(new Set(server.journal.map(({ method }) => method))).toEqual(new Set(['GET']));
});

test('giving up is told by kind: a read is unavailable, a write that has left may have taken effect, one that waits has not', async () => {
  server.fail(new QuirkFault({ do: 'hang' }));
  const target = await open({ concurrency: 1, patch: 'always' });
  const stop = new AbortController();
  const first = failureOf(target.create('User', { userName: 'a' }, stop.signal));
  const second = failureOf(target.create('User', { userName: 'b' }, stop.signal));
  setTimeout(() => stop.abort(), 60);
  expect((await first).facts).toMatchObject({ kind: 'unknown-outcome', code: 'aborted' });
  expect((await second).facts).toMatchObject({ kind: 'unavailable', code: 'aborted' });
  expect((await failureOf(target.read('User', 'u-1', [], stop.signal))).facts).toMatchObject({ kind: 'unavailable', code: 'aborted' });
  expect(server.journal).toHaveLength(1);
});

test('a token that no header can carry is refused without being shown', async () => {
  process.env['SCIM_BAD_TOKEN'] = 'S3cret\nInjected: yes';
  expect((await failureOf(open({ auth: { bearer: { env: 'SCIM_BAD_TOKEN' } } }))).facts).toMatchObject({
    kind: 'misconfigured',
    code: 'bad-secret',
  });
});

test('settings refuse credentials in the address and headers of the connector itself', () => {
  const base = { url: 'https://app.test/scim', auth: { none: true } };
  expect(ScimTargetConfig.safeParse(base).success).toBe(true);
  for (const wrong of [
    { url: 'https://me:pw@app.test/scim' },
    { url: 'ftp://app.test' },
    { url: 'https://app.test/?x=1' },
    { headers: { Authorization: 'x' } },
    { headers: { 'x-a': 'b\r\nc: d' } },
    { concurrency: 0 },
    { auth: {} },
    { typo: 1 },
  ]) {
    expect(ScimTargetConfig.safeParse({ ...base, ...wrong }).success).toBe(false);
  }
});
