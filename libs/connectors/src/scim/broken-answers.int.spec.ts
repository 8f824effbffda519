import { type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';

import type { TargetConnector } from '../connector.js';
import { ConnectorError, type ConnectorErrorKind } from '../connector-error.js';
import { type QuirkAction, QuirkFault, type QuirkScimServer, startQuirkScimServer } from '../testing/index.js';
import { ScimTargetConfig, scimTarget } from './index.js';

const signal = new AbortController().signal;
let server: QuirkScimServer;
const targets: TargetConnector[] = [];

beforeEach(async () => {
  server = await startQuirkScimServer();
  server.add({ userName: 'noor', active: true });
});
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
  await server.close();
});

/** For those that answer, however busy this machine is. */
const patient = 20_000;

async function open({ url = server.url, timeoutMs = patient } = {}): Promise<TargetConnector> {
  const config = ScimTargetConfig.parse({ url, auth: { none: true }, patch: 'always' });
  const target = await scimTarget.open(config, { baseDir: '.', readOnly: false, timeoutMs });
  targets.push(target);
  return target;
}

const calls = {
  find: (target: TargetConnector) => target.find({ objectType: 'User', attribute: 'userName', value: 'noor' }, ['userName'], signal),
  read: (target: TargetConnector) => target.read('User', 'u-1', ['userName'], signal),
  list: (target: TargetConnector) => target.list('User', ['userName'], null, signal),
  create: (target: TargetConnector) => target.create('User', { userName: 'fresh' }, signal),
  update: (target: TargetConnector) => target.update('User', 'u-1', [{ attribute: 'title', old: null, new: 'Head' }], signal),
  remove: (target: TargetConnector) => target.remove('User', 'u-1', signal),
};
type Call = keyof typeof calls;
const reads: readonly Call[] = ['find', 'read', 'list'];
const writes: readonly Call[] = ['create', 'update', 'remove'];

/** How a call ended: the failure, in words fit for people; or that it was taken for done. */
async function outcomeOf(work: Promise<unknown>): Promise<ConnectorErrorKind | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    const { code, message } = (error as ConnectorError).facts;
    expect(code).toMatch(/^[a-z0-9-]+$/);
    expect(message).toMatch(/^\p{Lu}.{15,}/su);
    expect(message).not.toMatch(/undefined|\[object|NaN/);
    return (error as ConnectorError).kind;
  }
}

type Kinds = readonly ConnectorErrorKind[];
const oneOf = (kinds: Kinds, kind: unknown): void => expect(kinds).toContain(kind);
const refusal: Kinds = ['rejected', 'protocol', 'forbidden', 'misconfigured'];
const passing: Kinds = ['unavailable', 'throttled'];
const unknown: Kinds = ['unknown-outcome'];

/** Statuses, and what they may be taken for when reading and when writing. */
const statuses: readonly (readonly [statuses: readonly number[], reading: Kinds, writing: Kinds])[] = [
  [[300, 301, 302, 303, 304, 305, 307, 308], ['protocol'], ['protocol']],
  [[400, 402, 405, 406, 407, 411, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 431, 451, 499], refusal, refusal],
  [[401], ['unauthorized'], ['unauthorized']],
  [[403], ['forbidden'], ['forbidden']],
  [[408, 412, 425], passing, passing],
  [[429], ['throttled'], ['throttled']],
  [[500, 503, 505, 506, 507, 508, 509, 510, 511, 521, 523, 525, 526, 527, 529, 530], passing, passing],
  [[501], refusal, refusal],
  // From something that stands in front of the target: a write may have reached it.
  [[502, 504, 520, 522, 524, 598, 599], passing, unknown],
];
const oneByOne = statuses.flatMap(([some, reading, writing]) => some.map((status) => [status, reading, writing] as const));

describe('a target that answers everything with', () => {
  test.each(oneByOne)('%d is named for what that is, and never taken for an answer', async (status, reading, writing) => {
    server.fail(new QuirkFault({ do: 'answer', status, body: '' }));
    const target = await open();
    for (const call of reads) oneOf(reading, await outcomeOf(calls[call](target)));
    for (const call of writes) oneOf(writing, await outcomeOf(calls[call](target)));
  });
});

const listOf = (more: object): Record<string, unknown> => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], ...more });
const answer = (body: string | Record<string, unknown>, headers: Record<string, string> = {}): QuirkAction => ({
  do: 'answer',
  status: 200,
  body,
  headers,
});

describe('an answer under 200 that', () => {
  test.each<[string, Call, QuirkAction]>([
    ['is empty to a listing', 'list', answer('')],
    ['is null', 'read', answer('null')],
    ['is a number', 'find', answer('17')],
    ['is a text in quotes', 'read', answer('"noor"')],
    ['is true', 'find', answer('true')],
    ['is cut off within a name', 'read', answer('{"id":"u-1","userNa')],
    ['is XML', 'find', answer('<?xml version="1.0"?><Users/>', { 'content-type': 'application/xml' })],
    ['is two objects one after another', 'read', answer('{"id":"u-1"}{"id":"u-1"}')],
    ['is JavaScript', 'find', answer('callback({"totalResults":0,"Resources":[]})')],
    ['says to be packed and is not', 'find', answer('{}', { 'content-encoding': 'gzip' })],
    ['lists a number in place of accounts', 'list', answer(listOf({ totalResults: 1, Resources: 1 }))],
    ['lists null among accounts', 'list', answer(listOf({ totalResults: 1, Resources: [null] }))],
    ['lists an account whose id is a number', 'list', answer(listOf({ totalResults: 1, Resources: [{ id: {}, userName: 'noor' }] }))],
    ['counts in words', 'list', answer(listOf({ totalResults: 'many', Resources: [] }))],
    ['has no id', 'read', answer({ userName: 'noor' })],
    ['is a list of one', 'read', answer([{ id: 'u-1' }] as never)],
    ['is another account', 'read', answer({ id: 'u-99', userName: 'noor' })],
  ])('%s is an answer of the wrong kind, and nobody is absent for it', async (_what, call, action) => {
    server.fail(new QuirkFault(action));
    oneOf(['protocol', 'unavailable'], await outcomeOf(calls[call](await open())));
  });
});

test('a match that is promised and not shown is not taken for absence', async () => {
  const promise = answer(listOf({ totalResults: 1, Resources: [] }));
  server.fail(new QuirkFault(promise, { times: 1 }));
  const target = await open();
  await expect(calls.find(target)).rejects.toMatchObject({ facts: { kind: 'protocol', code: 'match-withheld' } });
  server.fail(new QuirkFault(promise));
  await expect(calls.find(target)).resolves.toEqual([]); // it promises one for a value that nobody has, too: it counts something else
});

describe('a line that', () => {
  let line: Server | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (line ? line.close(resolve) : resolve(undefined)));
    line = undefined;
  });

  async function listen(made: Server, scheme = 'http'): Promise<string> {
    line = made;
    made.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const address = made.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `${scheme}://127.0.0.1:${address.port}/scim/v2`;
  }
  /** Talks to whoever connects, once a request has begun to arrive. */
  const talk = (talking: (socket: Socket) => void): Server => createServer((socket) => void socket.once('data', () => talking(socket)));
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\n';

  test.each<[string, (socket: Socket) => void]>([
    ['ends after the request', (socket) => socket.end()],
    ['is silent after the status line', (socket) => void socket.write('HTTP/1.1 200 OK\r\n')],
    ['ends amid the headers', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-ty')],
    ['is silent before the body', (socket) => void socket.write(`${head}content-length: 20\r\n\r\n`)],
    ['ends before the body', (socket) => void socket.end(`${head}content-length: 20\r\n\r\n`)],
    ['is silent amid the body', (socket) => void socket.write(`${head}content-length: 20\r\n\r\n{"id":`)],
    ['is silent between two pieces', (socket) => void socket.write(`${head}transfer-encoding: chunked\r\n\r\n6\r\n{"id":\r\n`)],
    ['ends between two pieces', (socket) => void socket.end(`${head}transfer-encoding: chunked\r\n\r\n6\r\n{"id":\r\n`)],
    ['sends pieces of no size', (socket) => void socket.end(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`)],
    ['says two lengths', (socket) => void socket.end(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `)],
    ['says a length below nothing', (socket) => void socket.end(`${head}content-length: -2\r\n\r\n{}`)],
    ['sends headers without end', (socket) => void socket.write(`${head}x-filler: ${'x'.repeat(70_000)}\r\n`)],
    ['answers with a status of five digits', (socket) => void socket.end('HTTP/1.1 20000 OK\r\ncontent-length: 0\r\n\r\n')],
    ['only ever says to go on', (socket) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n')],
    [
      'changes to another protocol',
      (socket) => void socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    ],
  ])('%s fails a read as passing or wrong, and leaves a write in doubt', async (_what, talking) => {
    const target = await open({ url: await listen(talk(talking)), timeoutMs: 300 });
    oneOf(['unavailable', 'protocol'], await outcomeOf(calls.find(target)));
    oneOf(['unknown-outcome', 'unavailable', 'protocol'], await outcomeOf(calls.update(target)));
    expect(await outcomeOf(calls.create(target))).toBe('unknown-outcome');
  });

  const certificates = {
    'signed by itself': { name: 'localhost', until: '2099-01-01' },
    'for another host': { name: 'somebody-else.test', until: '2099-01-01' },
    'that has expired': { name: 'localhost', until: '2020-01-02' },
  };
  test.each(Object.entries(certificates))(
    'shows a certificate %s is no connection: nothing has left, no token either',
    async (_what, { name, until }) => {
      const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
        notBeforeDate: new Date('2020-01-01'),
        notAfterDate: new Date(until),
      });
      let heard = 0;
      const made = createTlsServer({ key, cert }, (socket) => void socket.on('data', () => (heard += 1)));
      const target = await open({ url: await listen(made, 'https') });
      for (const call of ['find', 'create', 'update'] as const)
        oneOf(['unavailable', 'protocol', 'misconfigured'], await outcomeOf(calls[call](target)));
      expect(heard).toBe(0);
    },
  );

  test.each<[string, () => Server]>([
    ['speaks no TLS', () => talk((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['hangs up at the TLS greeting', () => createServer((socket) => void socket.once('data', () => socket.destroy()))],
    ['is silent at the TLS greeting', () => createServer()],
    ['has no certificate', () => createTlsServer({})],
  ])('%s is no connection: nothing has left, for writes too', async (_what, make) => {
    const target = await open({ url: await listen(make(), 'https'), timeoutMs: 300 });
    for (const call of ['find', 'create'] as const)
      oneOf(['unavailable', 'protocol', 'misconfigured'], await outcomeOf(calls[call](target)));
  });
});
