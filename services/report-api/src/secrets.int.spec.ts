import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Story } from '@provident/projection/testing';
import { partId } from '@provident/report';

import { CommandUnanswered } from './ports.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

const target = (auth: object) => ({ connector: 'scim', config: { url: 'https://app.example.com/scim/v2', auth } });
const jobs = [
  new Story('by-name').configured({ target: target({ bearer: { secret: 'app-token' } }) }),
  new Story('by-env', '2026-03-04T00:00:00.000Z', 10).configured({ target: target({ bearer: { env: 'APP_TOKEN' } }) }),
  new Story('by-password', '2026-03-05T00:00:00.000Z', 20).configured({
    target: target({ basic: { username: 'provident', password: { secret: 'app-password' } } }),
  }),
];
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(jobs.flatMap(({ events }) => events));
}, 120_000);
afterAll(() => api?.close());
beforeEach(() => api.secrets.values.clear());

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${api.url}${path}`, { method, ...sent });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

describe('secrets', () => {
  test('go in, are listed with who uses them, and never come out', async () => {
    expect(await ask('PUT', '/provident/v1/secrets/app-token', { value: 's3cret' })).toMatchObject({
      status: 200,
      json: { ok: true, result: { usedBy: [{ jobId: 'by-name', place: 'target.config.auth.bearer' }] } },
    });
    await ask('PUT', '/provident/v1/secrets/spare', { value: 'other' });
    const { json } = await ask('GET', '/provident/v1/secrets');
    expect(json).toEqual({
      secrets: [
        {
          name: 'app-password',
          setAt: null,
          setBy: null,
          usedBy: [{ jobId: 'by-password', place: 'target.config.auth.basic.password' }],
          usedByStreams: [],
        },
        {
          name: 'app-token',
          setAt: expect.any(String),
          setBy: 'local',
          usedBy: [{ jobId: 'by-name', place: 'target.config.auth.bearer' }],
          usedByStreams: [],
        },
        { name: 'spare', setAt: expect.any(String), setBy: 'local', usedBy: [], usedByStreams: [] },
      ],
    });
    expect((await ask('GET', '/provident/v1/secrets/app-token')).status).toBe(405);
  });

  test('are deleted when no job refers to them, or by force', async () => {
    await api.secrets.set('app-token', 'x', { kind: 'user', name: 'local' });
    expect(await ask('DELETE', '/provident/v1/secrets/app-token')).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('job "by-name" (target.config.auth.bearer)') } },
    });
    expect((await ask('DELETE', '/provident/v1/secrets/app-token?force=true')).status).toBe(200);
    expect((await ask('DELETE', '/provident/v1/secrets/spare')).status).toBe(404);
    expect((await ask('DELETE', '/provident/v1/secrets/spare?force=yes')).status).toBe(400);
  });

  test.each(['hmac', 'bearer', 'signing'])('of a stream tell so, and are not deleted unasked: %s', async (name) => {
    const token = { signingKey: 'signing', issuer: 'https://here', audience: 'https://there' };
    const stream = {
      streamId: 'siem',
      destination: { kind: 'webhook', url: 'https://siem.example.com', secret: 'hmac', bearer: 'bearer' },
      format: { kind: 'set', token },
      filter: {},
      addedAt: '2026-03-02T09:00:00Z',
      addedBy: 'kim',
      state: 'running',
      position: 1,
      lagEvents: 0,
      lagSeconds: 0,
      delivered: 1,
      refused: 0,
      deliveredAt: null,
      failures: 0,
      lastError: null,
      lastErrorAt: null,
      nextAttemptAt: null,
    };
    api.commands.answerTo = () => ({ ok: true, message: 'done', issues: [], result: { streams: [stream] } });
    try {
      const listed = async () => (await ask('GET', '/provident/v1/secrets')).json['secrets'];
      expect(await listed()).toContainEqual({ name, setAt: null, setBy: null, usedBy: [], usedByStreams: ['siem'] });
      expect(await ask('PUT', `/provident/v1/secrets/${name}`, { value: 'y' })).toMatchObject({
        status: 200,
        json: { message: expect.stringContaining('takes it within seconds'), result: { usedBy: [], usedByStreams: ['siem'] } },
      });
      for (const each of [name, 'spare']) await api.secrets.set(each, 'x', { kind: 'user', name: 'local' });
      expect(await ask('DELETE', `/provident/v1/secrets/${name}`)).toMatchObject({
        status: 409,
        json: { error: { message: expect.stringContaining('stream "siem" could send nothing more') } },
      });
      for (const each of ['spare', `${name}?force=true`]) expect((await ask('DELETE', `/provident/v1/secrets/${each}`)).status).toBe(200);
    } finally {
      api.commands.answerTo = null;
    }
  });

  test('go in and are listed also while nobody can tell which streams need them; none is deleted unasked then', async () => {
    const { answer } = api.commands;
    api.commands.answer = new CommandUnanswered('no audit-streamer answered: is it running?');
    try {
      const { status, json } = await ask('PUT', '/provident/v1/secrets/spare', { value: 'x' });
      expect([status, json['result']]).toEqual([200, { name: 'spare', usedBy: [], usedByStreams: null }]);
      expect((await ask('GET', '/provident/v1/secrets')).json['secrets']).toContainEqual({
        name: 'spare',
        setAt: expect.any(String),
        setBy: 'local',
        usedBy: [],
        usedByStreams: null,
      });
      expect((await ask('DELETE', '/provident/v1/secrets/spare')).status).toBe(503);
      expect((await ask('DELETE', '/provident/v1/secrets/spare?force=true')).status).toBe(200);
    } finally {
      api.commands.answer = answer;
    }
  });

  test.each<[why: string, name: string, body: unknown]>([
    ['a blank in the name', 'a%20b', { value: 'x' }],
    ['a path', '%2E%2E%2Fx', { value: 'x' }],
    ['a long name', 'a'.repeat(101), { value: 'x' }],
    ['no value', 'a', { value: '' }],
    ['a number', 'a', { value: 7 }],
    ['nothing', 'a', {}],
    ['more than a value', 'a', { value: 'x', more: 1 }],
    ['a long value', 'a', { value: 'x'.repeat(65_537) }],
  ])('that make no sense are refused: %s', async (_, name, body) => {
    const { status, json } = await ask('PUT', `/provident/v1/secrets/${name}`, body);
    expect([400, 413]).toContain(status);
    expect(JSON.stringify(json).length).toBeLessThan(1_000);
    expect(api.secrets.values.size).toBe(0);
  });
});

test('the vault tells its master keys, and is rotated', async () => {
  expect((await ask('GET', '/provident/v1/vault')).json).toEqual({ masterKey: 'k1', dataKeys: [{ masterKey: 'k1', count: 0 }] });
  expect((await ask('POST', '/provident/v1/vault/rotate', {})).json).toMatchObject({ ok: true, result: { masterKey: 'k2', rewrapped: 0 } });
});

describe('by the keys of Graph', () => {
  const put = (job: string, ...value: { key: string; value: string | null }[]) =>
    ask('PUT', `/v1.0/servicePrincipals/${partId('service-principal', job)}/synchronization/secrets`, { value });

  test('they are set under the names that the job refers to; other settings must say what the job says', async () => {
    const address = { key: 'BaseAddress', value: 'https://app.example.com/scim/v2' };
    expect((await put('by-name', address, { key: 'SecretToken', value: 't0ken' }, { key: 'Domain', value: null })).status).toBe(204);
    expect((await put('by-password', { key: 'UserName', value: 'provident' }, { key: 'Password', value: 'pa55' })).status).toBe(204);
    expect([...api.secrets.values].map(([name, { value }]) => [name, value])).toEqual([
      ['app-token', 't0ken'],
      ['app-password', 'pa55'],
    ]);
  });

  test.each<[string, string, string, RegExp]>([
    [
      'by-env',
      'SecretToken',
      's3cret',
      /takes its SecretToken from the environment variable APP_TOKEN: let its target.config.auth.bearer be/,
    ],
    ['by-name', 'Password', 's3cret', /takes no Password/],
    ['by-name', 'BaseAddress', 'https://s3cret.test', /BaseAddress is no secret: the file of job .*by-name.* says it/],
    ['by-name', 'ConsumerKey', 's3cret', /ConsumerKey is not known to job .*by-name.*; supported: SecretToken/],
  ])('what job %s does not refer to is refused, without repeating it: %s', async (job, key, value, words) => {
    const { status, json } = await put(job, { key: 'SecretToken', value: null }, { key, value });
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toMatch(words);
    expect(JSON.stringify(json)).not.toContain('s3cret');
    expect(api.secrets.values.size).toBe(0);
  });

  test('a body that is none is refused', async () => {
    for (const value of [[], [{ key: 'SecretToken' }], 'SecretToken'])
      expect(
        (await ask('PUT', `/v1.0/servicePrincipals/${partId('service-principal', 'by-name')}/synchronization/secrets`, { value })).status,
      ).toBe(400);
    expect((await put('no-such-job', { key: 'SecretToken', value: 's' })).status).toBe(404);
  });
});
