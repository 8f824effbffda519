import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test } from '@jest/globals';

import { ApiRefusal, ApiUnreachable, ProvidentClient, UnexpectedAnswer } from './index.js';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

const asked: { line: string; body: string; token: string | undefined }[] = [];

async function clientOf(answers: Record<string, [status: number, body: string]>): Promise<ProvidentClient> {
  asked.length = 0;
  const started = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      asked.push({ line, body, token: request.headers.authorization });
      const [status, text] = answers[line.split('?')[0]!] ?? [404, '<html>'];
      answer.writeHead(status).end(text);
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
  return new ProvidentClient({ url, headers: { authorization: 'Bearer t' }, timeoutMs: 5_000 });
}

test('a request is made of its route, and what was not given is not sent', async () => {
  const client = await clientOf({
    'GET /provident/v1/people/a%2Fb/why': [200, '{"value":"a/b","jobs":[],"later":1}'],
    'POST /provident/v1/jobs/j/run': [202, '{"ok":true,"message":"done"}'],
    'POST /v1.0/servicePrincipals/p/synchronization/jobs/j/start': [204, ''],
    'GET /provident/v1/export/audits': [200, 'a,b'],
  });
  expect(await client.call('why', { path: { value: 'a/b' }, query: { job: undefined } })).toEqual({ value: 'a/b', jobs: [] });
  expect(await client.call('run', { path: { jobId: 'j' }, body: { fresh: true } })).toEqual({
    ok: true,
    message: 'done',
    issues: [],
    result: {},
  });
  expect(await client.call('graphStart', { path: { principal: 'p', jobId: 'j' } })).toBeUndefined();
  expect(await (await client.stream('exportAudits', { query: { format: 'csv', $filter: "id eq 'x & y'" } })).text()).toBe('a,b');
  expect(asked.map(({ line, body, token }) => [line, body, token])).toEqual([
    ['GET /provident/v1/people/a%2Fb/why', '', 'Bearer t'],
    ['POST /provident/v1/jobs/j/run', '{"fresh":true}', 'Bearer t'],
    ['POST /v1.0/servicePrincipals/p/synchronization/jobs/j/start', '', 'Bearer t'],
    ['GET /provident/v1/export/audits?format=csv&%24filter=id+eq+%27x+%26+y%27', '', 'Bearer t'],
  ]);
});

test('a refusal keeps the words of the API, of Graph or of something in between', async () => {
  const client = await clientOf({
    'GET /provident/v1/jobs/j': [404, '{"error":{"code":"not-found","message":"there is no job j","issues":[1]}}'],
    'GET /v1.0/auditLogs/provisioning': [400, '{"error":{"code":"BadRequest","message":"$filter","innerError":{}}}'],
  });
  await expect(client.call('job', { path: { jobId: 'j' } })).rejects.toMatchObject({
    status: 404,
    code: 'not-found',
    message: 'there is no job j',
    issues: [1],
  });
  await expect(client.call('graphProvisioning', { query: { $filter: 'x' } })).rejects.toMatchObject({ status: 400, code: 'BadRequest' });
  await expect(client.call('health')).rejects.toMatchObject({ status: 404, code: 'http-404' });
  await expect(client.call('health')).rejects.toBeInstanceOf(ApiRefusal);
});

test('another shape, and nobody there, are told apart', async () => {
  const client = await clientOf({ 'GET /provident/v1/jobs': [200, '{"jobs":[{}]}'], 'GET /provident/v1/health': [200, 'hello'] });
  await expect(client.call('jobs')).rejects.toBeInstanceOf(UnexpectedAnswer);
  await expect(client.call('health')).rejects.toThrow('answers in another shape');
  server!.closeAllConnections();
  await new Promise((resolve) => server!.close(resolve));
  await expect(client.call('jobs')).rejects.toBeInstanceOf(ApiUnreachable);
});

test('events are followed line by line, whatever the pieces they come in', async () => {
  const event = {
    sequence: 1,
    id: 'e',
    type: 't',
    at: '2026-11-22T00:00:00Z',
    jobId: 'a',
    lane: '0',
    stage: 's',
    subject: null,
    data: { name: 'Zoë' },
  };
  const client = await clientOf({
    'GET /provident/v1/events/follow': [200, `: hello\n\nid: 1\ndata: ${JSON.stringify(event)}\n\n: nothing new\n\n`],
  });
  const seen = [];
  for await (const each of client.follow({ after: 0, job: 'a' })) seen.push(each);
  expect(seen).toEqual([event]);
  expect(asked[0]!.line).toBe('GET /provident/v1/events/follow?after=0&job=a');
});
