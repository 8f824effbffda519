import { afterEach, expect, test } from '@jest/globals';
import type { MeView } from '@provident/contracts';

import { runProgram } from './program.js';
import { type FakeApi, startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';

const meWith = (permissions: MeView['permissions']): MeView => ({
  name: 'ada',
  signedIn: 'token',
  grants: [],
  permissions,
  expiresAt: null,
  signIn: { required: true, tokens: true, openId: null },
});
let api: FakeApi;
afterEach(() => api.close());

async function run(words: string, permissions: MeView['permissions']) {
  api = await startFakeApi({
    'GET /provident/v1/me': { body: meWith(permissions) },
    'GET /provident/v1/log': { body: { entries: [], nextCursor: null, freshness: { position: 1, head: 1, behind: 0, at: null } } },
  });
  const cli = fakeCli({ PROVIDENT_URL: api.url }, '/');
  const status = await runProgram(words.split(' '), cli);
  return { status, err: cli.err.text };
}

test('sensitive values are asked for by whoever may see them', async () => {
  await run('--reveal log --json', { read: null, secure: null });
  expect(api.requests.map(({ line }) => line.split('?')[0])).toEqual(['GET /provident/v1/me', 'GET /provident/v1/log']);
  expect(api.reveals).toEqual(['sealed', 'sealed']);
});

test('whoever may not is told so, and asks for nothing; the API hears that they tried', async () => {
  const { status, err } = await run('--reveal log --json', { read: null });
  expect([status, err]).toEqual([1, expect.stringContaining('ada may not see sensitive values')]);
  expect(api.requests).toHaveLength(1);
  expect(api.reveals).toEqual(['sealed']);
});

test('nobody asks for them by accident', async () => {
  await run('log --json', { read: null, secure: null });
  expect(api.reveals).toEqual([null]);
});
