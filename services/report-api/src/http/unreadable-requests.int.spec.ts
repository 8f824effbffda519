import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ErrorView, GraphError } from '@provident/contracts';

import { certificateOfLocalhost } from '../testing/certificate.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const get = (path: string, ...headers: string[]): string => [`GET ${path} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');
const post = (path: string, body: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-type: application/json', ...headers, '', body].join('\r\n');
const long = 'x'.repeat(20_000);

describe.each(['plain', 'TLS'])('over %s', (kind) => {
  let api: TestApi;
  let impatient: TestApi;
  let ca: string | undefined;
  beforeAll(async () => {
    const tls = kind === 'TLS' ? await certificateOfLocalhost() : null;
    ca = tls?.cert;
    const settings = tls && { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) };
    api = await startTestApi([], { tls: settings });
    impatient = await startTestApi([], { tls: settings, requestTimeoutMs: 400 });
  }, 120_000);
  afterAll(async () => {
    await api?.close();
    await impatient?.close();
  });

  const open = ({ url }: TestApi): Socket => {
    const at = { host: '127.0.0.1', port: Number(new URL(url).port) };
    return ca === undefined ? connect(at) : connectTls({ ...at, ca, servername: 'localhost' });
  };
  /** Everything that comes back until the server closes; fails when the connection breaks off instead. */
  const answersTo = (bytes: string, to = api): Promise<Answer[]> =>
    new Promise((resolve, reject) => {
      const socket = open(to);
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.once('error', reject);
      socket.once('end', () => {
        socket.destroy();
        resolve(answersIn(text));
      });
      socket.write(bytes);
    });

  test.each([
    ['an address that is too long', get(`/v1.0/auditLogs/provisioning?$filter=${long}`), 431, 'RequestHeaderFieldsTooLarge', /16 kB/],
    ['a long address in the own API', get(`/provident/v1/log?user=${long}`), 431, 'RequestHeaderFieldsTooLarge', /16 kB/],
    ['headers that are too long', get('/v1.0/auditLogs/provisioning', `x-more: ${long}`), 431, 'RequestHeaderFieldsTooLarge', /16 kB/],
    [
      'a megabyte of it, unread when the answer is known',
      get(`/v1.0/x?${'y'.repeat(1_000_000)}`),
      431,
      'RequestHeaderFieldsTooLarge',
      /16 kB/,
    ],
    ['no request at all', 'hello there\r\n\r\n', 400, 'BadRequest', /no request in HTTP/],
    [
      'two lengths of one body',
      post('/provident/v1/jobs', '{}', 'content-length: 2', 'transfer-encoding: chunked'),
      400,
      'BadRequest',
      /HTTP/,
    ],
    ['a header that is none', get('/v1.0/auditLogs/provisioning', 'no colon'), 400, 'BadRequest', /HTTP/],
    ['a part of a body without its length', post('/provident/v1/jobs', 'zz\r\n', 'transfer-encoding: chunked'), 400, 'BadRequest', /HTTP/],
    [
      'an expectation that cannot be met',
      get('/v1.0/auditLogs/provisioning', 'expect: miracles'),
      417,
      'ExpectationFailed',
      /100-continue/,
    ],
  ])('%s', async (_what, bytes, status, code, message) => {
    const answers = await answersTo(bytes);
    expect(answers).toHaveLength(1);
    const [answer] = answers;
    expect([answer!.status, answer!.headers.get('connection')]).toEqual([status, 'close']);
    const { error } = GraphError.parse(JSON.parse(answer!.body));
    expect(ErrorView.parse(JSON.parse(answer!.body)).error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(Object.fromEntries(answer!.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-request-id': error.innerError['request-id'],
      'request-id': error.innerError['request-id'],
    });
    expect(answer!.headers.has('strict-transport-security')).toBe(kind === 'TLS');
  });

  test.each([
    ['a head that never ends', 'GET /v1.0/auditLogs/provisioning HTTP/1.1\r\nhost: local'],
    ['a body that never ends', post('/provident/v1/jobs', '{"definition"', 'content-length: 5000')],
  ])('%s is not waited for', async (_what, bytes) => {
    const [answer] = await answersTo(bytes, impatient);
    expect([answer!.status, GraphError.parse(JSON.parse(answer!.body)).error.code]).toEqual([408, 'RequestTimeout']);
  });

  test.each([
    ['in the form of Graph', '/v1.0/auditLogs/%zz', 400, 'BadRequest'],
    ['in the own form', '/provident/v1/people/%zz/story', 400, 'bad-request'],
    ['with a part that is too long', `/provident/v1/people/${'y'.repeat(1_001)}/story`, 414, 'too-large'],
  ])('an address that is none is refused %s', async (_how, path, status, code) => {
    const [answer] = await answersTo(get(path, 'connection: close'));
    expect([answer!.status, JSON.parse(answer!.body).error.code]).toEqual([status, code]);
    expect(answer!.headers.get('x-request-id')).toBeTruthy();
    expect(answer!.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a request without a host is told so', async () => {
    const [answer] = await answersTo('GET /v1.0/auditLogs/provisioning HTTP/1.1\r\nconnection: close\r\n\r\n');
    expect([answer!.status, GraphError.parse(JSON.parse(answer!.body)).error]).toEqual([
      400,
      expect.objectContaining({ code: 'BadRequest', message: 'the request names no host' }),
    ]);
  });

  test('what came whole before it is answered still, and others are', async () => {
    const [before, ...more] = await answersTo(`${get('/provident/v1/sign-in')}nonsense\r\n\r\n`);
    expect([before!.status, more]).toEqual([200, []]);
    const [answer] = await answersTo(get('/health/live', 'connection: close'));
    expect(answer!.status).toBe(200);
    expect(api.errors).toEqual([]);
  });
});

/** Answers that follow one another, each with its length. */
function answersIn(text: string): Answer[] {
  if (text === '') return [];
  const end = text.indexOf('\r\n\r\n');
  const [line, ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers(lines.map((each): [string, string] => [each.split(':')[0]!, each.slice(each.indexOf(':') + 1).trim()]));
  const rest = text.slice(end + 4);
  const length = Number(headers.get('content-length'));
  return [{ status: Number(line!.split(' ')[1]), headers, body: rest.slice(0, length) }, ...answersIn(rest.slice(length))];
}
