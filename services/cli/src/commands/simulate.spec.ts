import { afterEach, expect, test } from '@jest/globals';
import type { SimulatedRow, SimulationView } from '@provident/contracts';
import { noTotals } from '@provident/contracts';

import { sampleJobFile } from '../places.js';
import { runProgram } from '../program.js';
import { type FakeAnswer, type FakeApi, startFakeApi } from '../testing/fake-api.js';
import { fakeCli } from '../testing/fake-cli.js';

const id = '20261122t120000-abc';
const path = `/provident/v1/simulations/${id}`;

const simulation = (more: Partial<SimulationView> = {}): SimulationView => ({
  simulationId: id,
  jobId: 'sample',
  rules: 'current',
  comparing: false,
  revision: 3,
  by: { kind: 'user', name: 'local' },
  openedAt: '2026-11-22T12:00:00.000Z',
  state: 'completed',
  at: '2026-11-22T12:00:01.000Z',
  read: 3,
  total: 3,
  totals: { ...noTotals, create: 1, delete: 1, unchanged: 1 },
  before: null,
  followUps: null,
  followUpsBefore: null,
  differing: null,
  guard: { proposed: 1, linked: 40, decision: 'hold', threshold: 'more than 0 removals' },
  absenceWithheld: null,
  failure: null,
  ...more,
});

const row = (sourceId: string, more: Partial<SimulatedRow> = {}): SimulatedRow => ({
  objectKey: `user:${sourceId}`,
  objectType: 'user',
  sourceId,
  displayName: `Jane ${sourceId}`,
  part: null,
  action: 'create',
  reason: { code: 'not-in-target', text: 'no account in the target has it' },
  targetId: null,
  match: null,
  changes: [{ attribute: 'title', old: null, new: 'Chief' }],
  members: null,
  enable: false,
  linksNow: false,
  before: null,
  valuesLeftOut: false,
  ...more,
});

const begun = { status: 202, body: { ok: true, message: 'has begun', issues: [], result: { simulationId: id, notes: [] } } };
const answers = (view = simulation(), rows = [row('1'), row('2', { action: 'unchanged', changes: [] })]): Record<string, FakeAnswer> => ({
  'POST /provident/v1/jobs/sample/simulate': begun,
  'POST /provident/v1/simulate': begun,
  [`GET ${path}`]: { body: view },
  [`GET ${path}/rows`]: { body: { rows, next: null } },
  [`GET ${path}/rows.csv`]: { body: 'action,type\r\ncreate,user\r\n' },
});

let api: FakeApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

async function run(line: string, given = answers()) {
  api = await startFakeApi(given);
  const cli = fakeCli({ PROVIDENT_URL: api.url });
  const status = await runProgram(line.split(' '), cli);
  return { status, out: cli.out.text, err: cli.err.text, requests: api.requests };
}

test('simulate shows who would fare how, with every value, the totals and the removal guard', async () => {
  const { status, out, requests } = await run('simulate sample');
  expect(status).toBe(0);
  expect(requests[0]).toEqual({ line: 'POST /provident/v1/jobs/sample/simulate', body: { compare: false } });
  expect(out).toContain('Simulation of sample under revision 3');
  expect(out).toMatch(/create +Jane 1 +1 +no account in the target has it\n +title: – → Chief/);
  expect(out).not.toContain('Jane 2');
  expect(out).toContain('3 records read: 1 create, 0 update, 0 disable, 1 delete, 0 skip, 1 unchanged, 0 fail');
  expect(out).toContain('Removals: 1 of 40 accounts in step; they would be held: more than 0 removals');
});

test('simulate tells groups from people, and names who would join and leave them', async () => {
  const group = row('a', { objectKey: 'group:a', objectType: 'group', displayName: 'Team a' });
  const member = (at: number) => ({ key: `user:${at}`, displayName: at === 1 ? null : `Jane ${at}`, targetId: null });
  const joining = Array.from({ length: 12 }, (_, at) => member(at));
  const reason = { code: 'members-differ', text: 'members differ: 12 to add, 1 to remove' };
  const members = row('a', {
    ...group,
    part: 'members',
    action: 'update',
    changes: [],
    reason,
    members: { add: joining, remove: [member(40)] },
  });
  const followUps = { membersAdded: 12, membersRemoved: 1, nestingsRefused: 2, references: 3 };
  const { out } = await run('simulate sample', answers(simulation({ followUps }), [row('1'), group, members]));
  expect(out).toMatch(/create +group Team a +a /);
  expect(out).toMatch(
    /update +group Team a: members +a +members differ: 12 to add, 1 to remove\n +\+ Jane 0 \(user:0\)\n +\+ user:1 \(user:1\)/,
  );
  expect(out).toContain('+ 2 more; --csv and --json name them');
  expect(out).toContain('− Jane 40 (user:40)');
  expect(out).toContain('Then: 12 memberships written, 1 taken back, 2 groups within groups left out; 3 references');
  await api!.close();
  expect((await run('simulate sample')).out).not.toContain('Then');
});

test('simulate says which removals would be held, of accounts and of memberships', async () => {
  const guard = {
    proposed: 2,
    members: 1_400,
    held: ['membership' as const, 'group-membership' as const],
    linked: 40,
    decision: 'hold' as const,
    threshold: '1400 memberships, limit 500',
  };
  const { out } = await run('simulate sample', answers(simulation({ guard }), []));
  expect(out).toContain(
    'Removals: 2 of 40 accounts in step, 1,400 memberships; held would be memberships, memberships of groups that lose too many: 1400 memberships, limit 500',
  );
  await api!.close();
  const released = { ...guard, proposed: 0, members: 1, held: [], decision: 'release' as const, threshold: null };
  expect((await run('simulate sample', answers(simulation({ guard: released }), []))).out).toContain(
    'Removals: 1 membership; they would be done',
  );
});

test('simulate --action and --limit choose', async () => {
  const { out, requests } = await run('simulate sample --action unchanged --limit 1', answers(simulation(), [row('1'), row('2')]));
  expect(requests.at(-1)?.line).toBe(`GET ${path}/rows?action=unchanged&limit=500`);
  expect(out).toContain('There are more');
  expect(out).not.toContain('Jane 2');
});

test('simulate --with sends the file, which is not applied, and --diff shows both fates', async () => {
  const { before: _, ...skipped } = row('1', { action: 'skip', reason: { code: 'out-of-scope', text: 'out of scope' }, changes: [] });
  const view = simulation({ comparing: true, rules: 'file', before: noTotals, differing: 1 });
  const { status, out, requests } = await run(
    `simulate sample --with ${sampleJobFile} --diff`,
    answers(view, [row('1', { before: skipped })]),
  );
  expect(status).toBe(0);
  expect(requests[0]?.body).toMatchObject({ definition: { job: 'sample' }, compare: true });
  expect(out).toContain('which is not applied');
  expect(out).toMatch(/Jane 1 +1 +skip +create\n +out of scope +no account in the target has it/);
  expect(out).toContain('1 person would fare differently');
});

test('values that are the same under both sets of rules are not repeated', async () => {
  const changes = (title: string) => [
    { attribute: 'userName', old: null, new: 'jane' },
    { attribute: 'title', old: null, new: title },
  ];
  const { before: _, ...before } = row('1', { changes: changes('Chief') });
  const rows = [row('1', { changes: changes('CHIEF'), before })];
  const { out } = await run(`simulate sample --with ${sampleJobFile} --diff`, answers(simulation({ comparing: true, differing: 1 }), rows));
  expect(out).toMatch(/title: – → Chief +title: – → CHIEF/);
  expect(out).not.toContain('userName');
});

test('simulate -f needs no job', async () => {
  expect((await run(`simulate -f ${sampleJobFile}`)).requests[0]?.line).toBe('POST /provident/v1/simulate');
});

test('simulate --json is one document with everybody, and --csv the file of the API', async () => {
  expect(JSON.parse((await run('simulate sample --json')).out)).toEqual({
    simulation: simulation(),
    rows: [row('1'), row('2', { action: 'unchanged', changes: [] })],
  });
  await api!.close();
  expect((await run('simulate sample --csv')).out).toBe('action,type\r\ncreate,user\r\n');
});

test('a simulation that failed ends with status 1 and the reason', async () => {
  const failure = { side: 'source', code: 'no-file', message: 'people.csv is gone' } as const;
  const { status, out } = await run('simulate sample', answers(simulation({ state: 'failed', failure, guard: null }), []));
  expect(status).toBe(1);
  expect(out).toContain('It failed (source): people.csv is gone (no-file)');
});

test('issues of the file are shown where they stand', async () => {
  const issues = [{ path: ['source', 'conector'], message: 'unknown key "conector"' }];
  const refused = { status: 422, body: { error: { code: 'job-refused', message: '1 problem', issues } } };
  const { status, out } = await run(`simulate -f ${sampleJobFile}`, { 'POST /provident/v1/simulate': refused });
  expect(status).toBe(1);
  expect(out).toMatch(/sample-job\.yaml:\d+:\d+ {2}unknown key/);
});

test.each(['simulate', `simulate sample -f x.yaml`, 'simulate --with x.yaml', 'simulate sample --diff', 'simulate sample --json --csv'])(
  '%p is refused',
  async (line) => expect((await run(line)).status).toBe(1),
);
