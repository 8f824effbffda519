import { afterEach, expect, test } from '@jest/globals';

import { sampleJobFile } from './places.js';
import { runProgram } from './program.js';
import type { FakeAnswer, FakeApi } from './testing/fake-api.js';
import { startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';
import { cycleView, jobStatusView, logEntry } from './testing/views.js';

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

const jobPath = '/provident/v1/jobs/sample';
const done = { ok: true, message: 'done', issues: [], result: { cycleId: 'c1' } };
const withCycle = (cycle = cycleView()) => ({
  [`POST ${jobPath}/run`]: { body: done },
  [`GET ${jobPath}`]: { body: jobStatusView({ lastCycle: cycle }) },
  'GET /provident/v1/log': {
    body: {
      entries: [logEntry({ displayName: 'Rita Mahoney', status: 'failure', statusText: 'blocked', reason: 'rejected' })],
      next: null,
    },
  },
});

test('status is a report, and with --json the view itself', async () => {
  const answers = { [`GET ${jobPath}`]: { body: jobStatusView() } };
  expect(await run('status sample', answers)).toMatchObject({ status: 0, out: expect.stringContaining('revision 1: active') });
  await api!.close();
  expect(JSON.parse((await run('status sample --json', answers)).out)).toEqual(jobStatusView());
});

test('run without --wait only orders the cycle', async () => {
  const { status, out, requests } = await run('run sample --fresh', withCycle());
  expect({ status, out, asked: requests.map(({ line }) => line) }).toEqual({ status: 0, out: 'done\n', asked: [`POST ${jobPath}/run`] });
  expect(requests[0]?.body).toEqual({ fresh: true });
});

test.each([
  ['--drift', 'report'],
  ['--drift=repair', 'repair'],
])('run %s asks for a %s', async (words, drift) =>
  expect((await run(`run sample ${words}`, withCycle())).requests[0]?.body).toEqual({ fresh: false, drift }),
);

test('run --drift with another word orders nothing', async () => {
  const { status, err, requests } = await run('run sample --drift=undo', withCycle());
  expect({ isRefused: status !== 0, requests }).toEqual({ isRefused: true, requests: [] });
  expect(err).toContain('report or repair');
});

test('drift tells attribute by attribute what was found, and how to change it back', async () => {
  const drift = { mode: 'report' as const, checked: 50, differ: 1, vanished: 1, unasked: 0, groups: 1 };
  const about = { objectType: 'user', targetId: 'a-7', at: '2026-11-22T03:54:20.000Z', mode: 'report' };
  const found = [
    {
      ...about,
      objectKey: 'user:1',
      sourceId: '1',
      displayName: 'Rita Mahoney',
      account: 'differs',
      attributes: [{ attribute: 'title', expected: 'Clerk', found: 'Head' }],
    },
    { ...about, objectKey: 'user:2', sourceId: '2', displayName: null, account: 'vanished', attributes: [] },
    {
      ...about,
      objectType: 'group',
      objectKey: 'group:g',
      sourceId: 'g',
      displayName: 'Team',
      account: 'differs',
      attributes: [],
      members: { missing: 60, added: 1, examples: { missing: ['user:3'], added: ['user:4'] } },
    },
  ];
  const answers = { [`GET ${jobPath}/drift`]: { body: { cycle: cycleView({ drift }), found, next: null } } };
  const { status, out } = await run('drift sample', answers);
  expect(status).toBe(0);
  expect(out).toContain('drift: 1 of 50 accounts differs, 1 is gone, the members of 1 group were changed');
  expect(out).toMatch(/Team \(g\) +a-7 +members +user:3 +nobody\n.*and 59 more +nobody\n.*nobody +user:4/);
  expect(out).toMatch(/Rita Mahoney \(1\) +a-7 +title +Clerk +Head/);
  expect(out).toContain('gone from the target');
  expect(out).toContain('--drift=repair');
});

test('run --wait ends well with entry-level errors and names them', async () => {
  const { status, out } = await run('run sample --wait', withCycle(cycleView({ state: 'entry-level-errors' })));
  expect(status).toBe(0);
  expect(out).toContain('[##########] 100 %  50 of 50');
  expect(out).toContain('  Rita Mahoney: blocked (rejected)');
});

test('run --wait ends with status 1 when the cycle failed', async () => {
  const { status, out } = await run('run sample --wait --json', withCycle(cycleView({ state: 'failed' })));
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ cycleId: 'c1', state: 'failed' });
});

test('a command that is refused ends with status 1 and its words', async () => {
  const answers = { [`POST ${jobPath}/pause`]: { status: 409, body: { error: { code: 'refused', message: 'paused already' } } } };
  expect(await run('pause sample', answers)).toMatchObject({ status: 1, out: '', err: 'paused already\n' });
});

test('validate without an API checks the file alone and says so', async () => {
  const cli = fakeCli({ PROVIDENT_URL: 'http://127.0.0.1:1' });
  expect(await runProgram(['validate', '-f', sampleJobFile], cli)).toBe(0);
  expect(cli.out.text).toContain('source and target were not asked');
});

test('validate shows every issue where it stands', async () => {
  const issues = [{ path: ['source', 'conector'], message: 'unknown key "conector"', nearest: 'connector' }];
  const answers = { 'POST /provident/v1/jobs/validate': { body: { ok: false, message: 'not valid', issues } } };
  const { status, out } = await run(`validate -f ${sampleJobFile}`, answers);
  expect(status).toBe(1);
  expect(out).toMatch(/sample-job\.yaml:\d+:\d+ {2}unknown key "conector" \(did you mean "connector"\?\)\n/);
});

test('a person of whom the log knows nothing is explained, with status 0', async () => {
  const nothing = { body: { entries: [], next: null } };
  const unknown = await run('log --user nobody', {
    'GET /provident/v1/log': nothing,
    'GET /provident/v1/jobs': { body: { jobs: [jobStatusView()] } },
  });
  expect(unknown).toMatchObject({ status: 0, out: expect.stringContaining('"nobody" is unknown') });
  await api!.close();
  const jobs = [jobStatusView({ initialCycleCompleted: false, running: cycleView({ closedAt: null, total: 200 }) })];
  const early = await run('log --user nobody', { 'GET /provident/v1/log': nothing, 'GET /provident/v1/jobs': { body: { jobs } } });
  expect(early.out).toContain('not reached so far');
  expect(early.out).toContain('50 of 200 so far');
});

test('the time of the log is said as people say it', async () => {
  const { requests } = await run('log --since 2h --limit 3', { 'GET /provident/v1/log': { body: { entries: [logEntry()], next: null } } });
  expect(requests[0]?.line).toBe('GET /provident/v1/log?limit=3&since=2026-11-22T10%3A00%3A00.000Z');
});

test('events begin a little before the end unless told otherwise', async () => {
  const health = { body: { status: 'ok', services: [], log: { head: 80, position: 80 }, database: true, broker: true } };
  const { requests } = await run('events', { 'GET /provident/v1/health': health, 'GET /provident/v1/events': { body: { events: [] } } });
  expect(requests[1]?.line).toBe('GET /provident/v1/events?after=30&limit=500');
});

test('nobody there: status 2 and one line; with --json the error too', async () => {
  const cli = fakeCli({ PROVIDENT_URL: 'http://127.0.0.1:1' });
  expect(await runProgram(['jobs', '--json'], cli)).toBe(2);
  expect(JSON.parse(cli.out.text)).toMatchObject({ error: { code: 'not-reachable' } });
  expect(cli.err.text.split('\n')).toHaveLength(2);
});

test.each(['', 'nonsense', 'log --limit many', 'log --status odd', 'status', 'log --since soon'])('%p is refused', async (line) => {
  expect((await run(line)).status).not.toBe(0);
});

test.each(['--help', 'log --help', 'version', '--version'])('%p succeeds', async (line) => {
  expect((await run(line)).status).toBe(0);
});
