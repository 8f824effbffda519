import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MeView, TokenView } from '@provident/contracts';
import { type TempFolder, tempFolder } from '@provident/testing';

import { machineTokenFile } from './machine-token.js';
import { dataFolderIn } from './places.js';
import { runProgram } from './program.js';
import { writeRunFile } from './run-file.js';
import { type FakeApi, startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';
import { jobStatusView } from './testing/views.js';

const token: TokenView = {
  tokenId: 'id-1',
  name: 'ci',
  grants: [{ role: 'operator', jobs: ['slack'] }],
  createdAt: '2026-11-22T10:00:00.000Z',
  createdBy: { kind: 'user', name: 'ada' },
  expiresAt: '2027-02-20T10:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
  state: 'valid',
};
const me: MeView = {
  name: 'ci',
  signedIn: 'token',
  grants: token.grants,
  permissions: { read: ['slack'], operate: ['slack'] },
  expiresAt: token.expiresAt,
  signIn: { required: true, tokens: true, openId: null },
};

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi({
    'POST /provident/v1/tokens': { body: { token, secret: 'pvt_secret' } },
    'GET /provident/v1/tokens': {
      body: { tokens: [token, { ...token, name: 'all', grants: [{ role: 'administrator', jobs: null }], expiresAt: null }] },
    },
    'DELETE /provident/v1/tokens/ci': { body: { ok: true, message: 'the token "ci" is refused from now on', issues: [], result: {} } },
    'GET /provident/v1/me': { body: me },
    'GET /provident/v1/jobs': { status: 401, body: { error: { code: 'not-signed-in', message: 'sign in first' } } },
    'DELETE /provident/v1/jobs/slack': { body: { ok: true, message: 'job "slack" is deleted', issues: [], result: {} } },
  });
});
afterAll(() => api?.close());
beforeEach(() => {
  api.requests.length = 0;
  api.authorizations.length = 0;
});

async function run(words: string, env: Record<string, string> = {}, cwd = '/') {
  const cli = fakeCli({ PROVIDENT_URL: api.url, ...env }, cwd);
  const status = await runProgram(words.split(' '), cli);
  return { status, out: cli.out.text, err: cli.err.text };
}

describe('token', () => {
  test('create prints the token alone, so that it can be kept, and says the rest beside it', async () => {
    const { status, out, err } = await run('token create ci --role operator --job slack --expires 30d');
    expect([status, out]).toEqual([0, 'pvt_secret\n']);
    expect(err).toContain('Token "ci": operator for slack, until 2027-02-20. Keep it');
    expect(api.requests[0]!.body).toEqual({ name: 'ci', grants: [{ role: 'operator', jobs: ['slack'] }], expiresInDays: 30 });
    await run('token create ci --role operator reports-reader --expires never');
    expect(api.requests[1]!.body).toMatchObject({
      grants: [
        { role: 'operator', jobs: null },
        { role: 'reports-reader', jobs: null },
      ],
      expiresInDays: null,
    });
  });

  test.each([
    ['token create ci', "'--role <role...>' not specified"],
    ['token create ci --role root', 'Allowed choices are reports-reader, operator, administrator, security-administrator'],
    ['token create ci --role operator --expires tomorrow', 'neither a number of days'],
    ['token create ci --role operator --expires 0d', 'neither a number of days'],
  ])('%s is refused before anything is asked', async (words, why) => {
    const { status, err } = await run(words);
    expect([status, err]).toEqual([1, expect.stringContaining(why)]);
    expect(api.requests).toEqual([]);
  });

  test('list shows what each may do, and revoke names one', async () => {
    const { out } = await run('token list');
    expect(out).toContain('operator (slack)');
    expect(out).toMatch(/all +valid +administrator +never/);
    expect((await run('token revoke ci')).out).toContain('is refused from now on');
  });
});

describe('signing in', () => {
  test('with what the environment or the command says; the command goes first', async () => {
    await run('whoami');
    await run('whoami', { PROVIDENT_TOKEN: 'from-environment' });
    await run('whoami --token from-command', { PROVIDENT_TOKEN: 'from-environment' });
    await run('--token before whoami');
    expect(api.authorizations).toEqual([null, 'Bearer from-environment', 'Bearer from-command', 'Bearer before']);
    expect((await run(`whoami --url ${api.url}`, { PROVIDENT_URL: 'http://127.0.0.1:1' })).out).toContain('operate: slack');
  });

  test('with the token in the data folder, for the installation of this folder and for no other', async () => {
    const folder: TempFolder = await tempFolder('token');
    try {
      const data = dataFolderIn(folder.path);
      await mkdir(data);
      await writeFile(machineTokenFile(data), 'of-this-machine\n');
      await writeRunFile(data, { url: api.url, pid: process.pid, startedAt: '2026-11-22T10:00:00.000Z' });
      await run('whoami', { PROVIDENT_URL: '' }, folder.path);
      await run('whoami', {}, folder.path);
      await run('whoami', { PROVIDENT_URL: '', PROVIDENT_TOKEN: 'mine' }, folder.path);
      expect(api.authorizations).toEqual(['Bearer of-this-machine', null, 'Bearer mine']);
      expect(join(data, 'administrator.token')).toBe(machineTokenFile(data));
    } finally {
      await folder.remove();
    }
  });

  test('what is missing is said with the remedy', async () => {
    expect((await run('jobs')).err).toContain('sign in first: give an API token with PROVIDENT_TOKEN or --token');
    expect((await run('jobs --token wrong')).err).toContain('give another API token');
    const { status, out } = await run('jobs --json');
    expect([status, JSON.parse(out)]).toMatchObject([1, { error: { code: 'not-signed-in' } }]);
  });
});

test('an installation that asks nobody who they are says so with every status', async () => {
  const health = { status: 'ok', services: [], log: { head: 1, position: 1 }, database: true, broker: true };
  for (const [signIn, warns] of [
    ['open', true],
    ['this-machine', false],
    ['required', false],
  ] as const) {
    const other = await startFakeApi({
      'GET /provident/v1/jobs/sample': { body: jobStatusView() },
      'GET /provident/v1/health': { body: { ...health, signIn } },
    });
    const { err } = await run('status sample', { PROVIDENT_URL: other.url });
    expect([signIn, err.includes('whoever reaches it may do everything')]).toEqual([signIn, warns]);
    await other.close();
  }
});

test('a job is deleted by those alone who say that they mean it', async () => {
  expect(await run('delete slack')).toMatchObject({ status: 1, err: expect.stringContaining('cannot be brought back') });
  expect(api.requests).toEqual([]);
  expect(await run('delete slack --yes')).toMatchObject({ status: 0, out: expect.stringContaining('is deleted') });
});
