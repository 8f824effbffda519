import { afterEach, expect, test } from '@jest/globals';

import { runProgram } from './program.js';
import { type FakeApi, startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';

let api: FakeApi;
afterEach(() => api.close());
const done = (message: string) => ({ body: { ok: true, message, issues: [], result: {} } });

test('the value of a secret is read, sent, and shown nowhere', async () => {
  api = await startFakeApi({ 'PUT /provident/v1/secrets/slack-token': done('the secret "slack-token" is set') });
  const cli = fakeCli({ PROVIDENT_URL: api.url }, '/', 's3cret');
  expect(await runProgram(['secret', 'set', 'slack-token'], cli)).toBe(0);
  expect(api.requests).toEqual([{ line: 'PUT /provident/v1/secrets/slack-token', body: { value: 's3cret' } }]);
  expect(cli.out.text).toBe('the secret "slack-token" is set\n');
  expect(cli.err.text).toBe('');
});

test('nothing is no secret, and a value among the arguments is refused', async () => {
  api = await startFakeApi({});
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['secret', 'set', 'slack-token'], cli)).toBe(1);
  expect(cli.err.text).toContain('nothing was given');
  expect(await runProgram(['secret', 'set', 'slack-token', 's3cret'], cli)).not.toBe(0);
  expect(api.requests).toEqual([]);
});

test('secrets are listed with who set them and who uses them, missing ones too', async () => {
  const secrets = [
    {
      name: 'slack-token',
      setAt: '2026-11-22T09:30:00.000Z',
      setBy: 'local',
      usedBy: [{ jobId: 'hr-to-slack', place: 'target.config.auth.bearer' }],
      usedByStreams: ['siem'],
    },
    { name: 'wiki', setAt: null, setBy: null, usedBy: [{ jobId: 'hr-to-wiki', place: 'target.config.auth.bearer' }], usedByStreams: null },
  ];
  api = await startFakeApi({ 'GET /provident/v1/secrets': { body: { secrets } } });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['secret', 'list'], cli)).toBe(0);
  expect(cli.out.text).toMatch(/slack-token +.*local +hr-to-slack, stream siem/);
  expect(cli.out.text).toMatch(/wiki +MISSING +– +hr-to-wiki/);
  const asJson = fakeCli({ PROVIDENT_URL: api.url });
  await runProgram(['secret', 'list', '--json'], asJson);
  expect(JSON.parse(asJson.out.text)).toEqual(secrets);
});

test('one that is used is deleted by force alone', async () => {
  const refusal = { error: { code: 'refused', message: 'job "a" would have no secret "b" any more' } };
  api = await startFakeApi({ 'DELETE /provident/v1/secrets/b': { status: 409, body: refusal } });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['secret', 'delete', 'b'], cli)).toBe(1);
  expect(cli.err.text).toContain('would have no secret');
  await runProgram(['secret', 'delete', 'b', '--force'], cli);
  expect(api.requests.map(({ line }) => line)).toEqual([
    'DELETE /provident/v1/secrets/b?force=false',
    'DELETE /provident/v1/secrets/b?force=true',
  ]);
});

test('the vault tells under which master keys it is, and is rotated', async () => {
  api = await startFakeApi({
    'GET /provident/v1/vault': { body: { masterKey: 'k2', dataKeys: [{ masterKey: 'k1', count: 3 }] } },
    'POST /provident/v1/vault/rotate': done('3 data keys were brought under master key k2'),
  });
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  expect(await runProgram(['vault', 'status'], cli)).toBe(0);
  expect(await runProgram(['vault', 'rotate'], cli)).toBe(0);
  expect(cli.out.text).toBe(
    'New values are sealed under master key k2.\n3 data keys are under master key k1.\n3 data keys were brought under master key k2\n',
  );
});
