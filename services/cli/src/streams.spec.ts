import { afterEach, expect, test } from '@jest/globals';
import type { StreamView } from '@provident/contracts';

import { runProgram } from './program.js';
import { type FakeApi, startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';

let api: FakeApi;
afterEach(() => api.close());
const done = { body: { ok: true, message: 'done', issues: [], result: {} } };

const siem: StreamView = {
  streamId: 'siem',
  destination: { kind: 'webhook', url: 'https://siem.example.org/in', secret: 'hmac' },
  format: { kind: 'ocsf' },
  filter: {},
  addedAt: '2026-11-22T09:30:00.000Z',
  addedBy: 'kim',
  state: 'waiting',
  position: 1_200,
  lagEvents: 40,
  lagSeconds: 65,
  delivered: 900,
  refused: 0,
  deliveredAt: null,
  failures: 3,
  lastError: 'it answered 503',
  lastErrorAt: '2026-11-22T09:31:00.000Z',
  nextAttemptAt: '2026-11-22T09:31:04.000Z',
};

test('streams are listed with how far they are behind, and what holds them up', async () => {
  api = await startFakeApi({
    'GET /provident/v1/streams': { body: { streams: [siem, { ...siem, streamId: 'old', state: 'running', lagEvents: 0 }] } },
  });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['streams'], cli)).toBe(0);
  expect(cli.out.text).toMatch(/siem +https:\/\/siem\.example\.org\/in +ocsf +WAITING +1,200 +40 \(1 min 5 s\) +900/);
  expect(cli.out.text).toMatch(/siem: .*it answered 503; tried 3 times/);
  expect(cli.out.text).not.toMatch(/old: /);
  const asJson = fakeCli({ PROVIDENT_URL: api.url });
  await runProgram(['streams', '--json'], asJson);
  expect(JSON.parse(asJson.out.text)[0]).toEqual(siem);
});

test.each<[string, string[], object]>([
  [
    'a webhook',
    ['--webhook', 'https://a.example', '--secret', 'hmac', '--format', 'ocsf', '--status', 'failure', '--job', 'a', 'b'],
    {
      destination: { kind: 'webhook', url: 'https://a.example', secret: 'hmac' },
      format: { kind: 'ocsf' },
      filter: { statuses: ['failure'], jobs: ['a', 'b'] },
    },
  ],
  [
    'a file from the beginning',
    ['--file', 'a.jsonl', '--rotate-bytes', '5000', '--keep', '3', '--from', 'beginning'],
    { destination: { kind: 'file', file: 'a.jsonl', rotateBytes: 5_000, keep: 3 }, format: { kind: 'cloudevents' }, filter: {}, from: 0 },
  ],
  [
    'tokens to a subject',
    ['--nats', 'audit.a', '--format', 'set', '--signing-key', 'k', '--issuer', 'i', '--audience', 'u'],
    {
      destination: { kind: 'nats', subject: 'audit.a' },
      format: { kind: 'set', token: { signingKey: 'k', issuer: 'i', audience: 'u' } },
      filter: {},
    },
  ],
])('adds %s', async (_, words, order) => {
  api = await startFakeApi({ 'POST /provident/v1/streams': done });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['stream', 'add', 'siem', ...words], cli)).toBe(0);
  expect(api.requests).toEqual([{ line: 'POST /provident/v1/streams', body: { streamId: 'siem', ...order } }]);
});

test.each<[string[], RegExp]>([
  [[], /say where to/],
  [['--webhook', 'https://a.example'], /needs --secret/],
  [['--webhook', 'https://a.example', '--file', 'a'], /cannot be used with/],
  [['--file', 'a', '--format', 'set'], /--signing-key/],
])('adds nothing for %j', async (words, why) => {
  api = await startFakeApi({});
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['stream', 'add', 'siem', ...words], cli)).not.toBe(0);
  expect(cli.err.text).toMatch(why);
  expect(api.requests).toEqual([]);
});

test('pauses, starts from another place, tests and removes', async () => {
  const path = '/provident/v1/streams/siem';
  api = await startFakeApi({
    [`POST ${path}/pause`]: done,
    [`POST ${path}/start`]: done,
    [`POST ${path}/test`]: done,
    [`DELETE ${path}`]: done,
  });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  for (const words of [
    ['pause', 'siem'],
    ['start', 'siem', '--from', '7'],
    ['test', 'siem'],
    ['remove', 'siem'],
  ])
    expect(await runProgram(['stream', ...words], cli)).toBe(0);
  expect(api.requests).toEqual([
    { line: `POST ${path}/pause`, body: {} },
    { line: `POST ${path}/start`, body: { from: 7 } },
    { line: `POST ${path}/test`, body: {} },
    { line: `DELETE ${path}`, body: null },
  ]);
});
