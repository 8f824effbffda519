import { afterEach, expect, test } from '@jest/globals';
import type { CauseView, EscrowView } from '@provident/contracts';

import { runProgram } from './program.js';
import type { FakeAnswer, FakeApi } from './testing/fake-api.js';
import { startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';

let api: FakeApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

async function run(line: string, answers: Record<string, FakeAnswer> = {}) {
  api = await startFakeApi(answers);
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  const status = await runProgram(line.split(' '), cli);
  return { status, out: cli.out.text, err: cli.err.text, requests: api.requests };
}

const path = '/provident/v1/jobs/sample';
const cause: CauseView = {
  causeId: 'http-409-1abc',
  operation: 'create',
  kind: 'conflict',
  code: 'http-409',
  status: 409,
  attribute: 'userName',
  text: 'The target says that … is taken',
  remedy: 'Correct it.',
  people: 4_000,
  givenUp: 2,
  failures: 8_001,
  firstSeenAt: '2026-11-20T08:00:00.000Z',
  lastSeenAt: '2026-11-22T08:00:00.000Z',
  examples: [{ objectKey: 'user:7', sourceId: '7', displayName: 'Rita', changeId: 'c', message: 'taken' }],
};
const escrow: EscrowView = {
  jobId: 'sample',
  objectKey: 'user:7',
  sourceId: '7',
  displayName: 'Rita',
  changeId: 'c1.7',
  cycleId: 'c1',
  state: 'given-up',
  causeId: 'http-409-1abc',
  failure: { kind: 'conflict', code: 'http-409', message: 'the user name is taken\u001b[2J' },
  firstFailedAt: '2026-11-20T08:00:00.000Z',
  retries: 30,
  wokenBy: null,
  nextAttemptAt: null,
  givenUpAt: '2026-11-22T08:00:00.000Z',
};

test('four thousand failures for one reason are one entry, with the remedy and the way to retry', async () => {
  const answers = { [`GET ${path}/causes`]: { body: { causes: [cause] } } };
  const { status, out } = await run('causes sample', answers);
  expect(status).toBe(0);
  expect(out).toBe(
    [
      '4,000 objects, 2 of them given up: The target says that … is taken  [http-409-1abc]',
      '  what     create, attribute userName',
      '  remedy   Correct it.',
      '  seen     2026-11-20 08:00:00 to 2026-11-22 08:00:00, 8,001 failed attempts',
      '  such as  Rita',
      '  retry    npm run provident -- retry sample --cause http-409-1abc',
      '',
    ].join('\n'),
  );
  await api!.close();
  expect(JSON.parse((await run('causes sample --json', answers)).out)).toEqual({ causes: [cause] });
});

test('escrows are listed, and what was given up says so', async () => {
  const { out, requests } = await run('escrows sample --cause http-409-1abc --state given-up', {
    [`GET ${path}/escrows`]: { body: { escrows: [escrow], next: 'x' } },
  });
  expect(requests[0]?.line).toBe(`GET ${path}/escrows?limit=20&cause=http-409-1abc&state=given-up`);
  expect(out).toContain('Rita (7)');
  expect(out).toContain('given up');
  expect(out).toContain('There is more');
  expect(out).not.toContain('\u001b');
});

test('nothing to show is said', async () => {
  expect((await run('escrows sample', { [`GET ${path}/escrows`]: { body: { escrows: [], next: null } } })).out).toBe(
    'Nothing that failed is kept.\n',
  );
  await api!.close();
  const part = await run('escrows sample --state given-up', { [`GET ${path}/escrows`]: { body: { escrows: [], next: null } } });
  expect(part.out).toMatch(/^Nothing of that kind is kept; all that is: .*escrows sample\n$/);
  await api!.close();
  expect((await run('causes sample', { [`GET ${path}/causes`]: { body: { causes: [] } } })).out).toBe('Nothing that failed is kept.\n');
});

test.each([
  ['--all', { all: true }],
  ['--user 7', { user: '7' }],
  ['--cause http-409-1abc', { cause: 'http-409-1abc' }],
])('retry %s orders just that', async (option, body) => {
  const answers = {
    [`POST ${path}/retry`]: { status: 202, body: { ok: true, message: '1 object(s): tried again now', issues: [], result: {} } },
  };
  const { status, out, requests } = await run(`retry sample ${option}`, answers);
  expect({ status, out, body: requests[0]?.body }).toEqual({ status: 0, out: '1 object(s): tried again now\n', body });
});

test.each(['retry sample', 'retry sample --all --user 7'])('%p orders nothing', async (line) => {
  expect(await run(line)).toMatchObject({
    status: 1,
    err: expect.stringContaining('one of --user ID, --cause ID and --all'),
    requests: [],
  });
});

test('a retry that is refused ends with status 1 and its words', async () => {
  const answers = { [`POST ${path}/retry`]: { status: 409, body: { error: { code: 'refused', message: 'nothing has failed' } } } };
  expect(await run('retry sample --all', answers)).toMatchObject({ status: 1, err: 'nothing has failed\n' });
});

test('the history of quarantines tells when, why, how it ended, and who was told', async () => {
  const quarantines = [
    {
      reason: 'connection',
      message: 'the token was refused',
      enteredAt: '2026-11-20T08:00:00.000Z',
      times: 3,
      foundAt: '2026-11-20T09:00:00.000Z',
      disabledAt: null,
      leftAt: null,
      leftBy: null,
    },
  ];
  const notices = [
    {
      noticeId: 'q1',
      kind: 'quarantine-entered',
      channel: 'email',
      state: 'retrying',
      attempts: 2,
      message: 'no mail server is set',
      nextAttemptAt: null,
      at: '2026-11-20T08:00:05.000Z',
    },
  ];
  const { out } = await run('quarantines sample', { [`GET ${path}/quarantines`]: { body: { quarantines, notices } } });
  for (const part of [
    'connection',
    'lasts',
    '3 times',
    'the token was refused',
    'quarantine-entered',
    'no mail server is set',
    'start sample',
  ])
    expect(out).toContain(part);
});
