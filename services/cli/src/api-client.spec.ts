import { afterEach, expect, test } from '@jest/globals';

import { ApiClient } from './api-client.js';
import type { FakeAnswer, FakeApi } from './testing/fake-api.js';
import { startFakeApi } from './testing/fake-api.js';
import { jobStatusView } from './testing/views.js';

let api: FakeApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

async function clientOf(answers: Record<string, FakeAnswer>): Promise<ApiClient> {
  api = await startFakeApi(answers);
  return new ApiClient(api.url, undefined, 2_000);
}

test('answers are read by their views; members that came later do not disturb', async () => {
  const client = await clientOf({ 'GET /provident/v1/jobs/a%2Fb': { body: { ...jobStatusView(), later: 1 } } });
  expect(await client.status('a/b')).toEqual(jobStatusView());
});

test('an answer of another shape is told apart from a refusal', async () => {
  const client = await clientOf({ 'GET /provident/v1/jobs': { body: { jobs: [{}] } } });
  await expect(client.jobs()).rejects.toMatchObject({ code: 'unexpected-answer', status: 1 });
  await expect(client.status('nobody')).rejects.toMatchObject({ message: 'there is no such thing', code: 'not-found', status: 1 });
});

test('an error that is not of the API is shown with its HTTP status', async () => {
  const client = await clientOf({ 'GET /provident/v1/jobs': { status: 502, body: '<html>' } });
  await expect(client.jobs()).rejects.toThrow('the API answers with HTTP status 502');
});

test('nobody there: one line with the remedy, and exit status 2', async () => {
  const client = await clientOf({});
  await api!.close();
  await expect(client.jobs()).rejects.toMatchObject({ status: 2, code: 'not-reachable', message: expect.stringContaining('npm start') });
  await expect(client.isReady()).resolves.toBe(false);
});

test('a command that is refused is an answer, with the issues of the job file', async () => {
  const issues = [{ path: ['job'], message: 'is missing' }];
  const client = await clientOf({
    'POST /provident/v1/jobs': { status: 422, body: { error: { code: 'job-refused', message: 'not applied', issues } } },
    'POST /provident/v1/jobs/validate': { body: { ok: false, message: 'not valid', issues } },
    'POST /provident/v1/jobs/a/run': { status: 409, body: { error: { code: 'refused', message: 'it is running' } } },
  });
  expect(await client.apply({ definition: {}, baseDir: '/jobs' })).toEqual({ ok: false, message: 'not applied', issues, result: {} });
  expect(await client.validate({ definition: {}, baseDir: '/jobs' })).toEqual({ ok: false, message: 'not valid', issues, result: {} });
  expect(await client.run('a', { fresh: false })).toMatchObject({ ok: false, message: 'it is running' });
  await expect(client.pause('a')).rejects.toMatchObject({ code: 'not-found' });
  expect(api!.requests[0]).toEqual({ line: 'POST /provident/v1/jobs', body: { definition: {}, baseDir: '/jobs' } });
});

test('questions go into the query, and what was not asked is not sent', async () => {
  const client = await clientOf({ 'GET /provident/v1/log': { body: { entries: [], next: null } } });
  await client.log({ user: "o'neil & co", limit: 5 });
  expect(api!.requests[0]?.line).toBe('GET /provident/v1/log?user=o%27neil+%26+co&limit=5');
});

test('events are followed as a stream, comments and beginnings left out', async () => {
  const event = { sequence: 1, id: 'e', type: 't', at: '2026-11-22T00:00:00Z', jobId: 'a', lane: '0', stage: 's', subject: null, data: {} };
  const body = `: hello\n\nid: 1\ndata: ${JSON.stringify(event)}\n\n`;
  const client = await clientOf({ 'GET /provident/v1/events/follow': { body } });
  const seen = [];
  for await (const each of client.follow({ after: 0 }, new AbortController().signal)) seen.push(each);
  expect(seen).toEqual([event]);
});
