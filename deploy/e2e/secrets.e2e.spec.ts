import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CycleClosed,
  ExportFailed,
  JobQuarantined,
  JobRecovered,
  NoticeSent,
  SecretSet,
  VaultRotated,
  installationId,
} from '@provident/contracts';
import { testDatabase } from '@provident/embedded/testing';
import { eventually, tempFolder } from '@provident/testing';

import { startBroker } from './harness/broker.js';
import {
  Installation,
  type JobInput,
  type PlainRefusal,
  type PlainRequest,
  type PlainTarget,
  accountsIn,
  csvJob,
  expectedAccounts,
  people,
  pipeline,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';
import { type Traces, placesOf, traceApi, traceBroker, traceDatabase } from './harness/traces.js';

const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString('hex')}`;
const inEnvironment = canary('env');
const inFile = canary('file/+"é');
const inVault = canary('vault');
const second = canary('second');
const canaries = [inEnvironment, inFile, inVault, second];
const pairs = canaries.map((each) => `provident:${each}`);
const staff = people(12);

let it: Installation;
let target: PlainTarget;
let api: string;
let databaseUrl: string;
let natsUrl: string;
const ended: (() => Promise<unknown>)[] = [];
let refuse: (request: PlainRequest) => PlainRefusal | null = () => null;
const posts: string[] = [];
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += String(part)));
  request.on('end', () => {
    posts.push(body);
    response.writeHead(204).end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  const database = await testDatabase();
  ended.push(() => database.drop());
  const broker = await startBroker();
  ended.push(() => broker.stop());
  databaseUrl = database.url;
  natsUrl = broker.url;
  target = await startPlainTarget({ unique: true, refuse: (request) => refuse(request) });
  const keys = await tempFolder('e2e-keys');
  ended.push(() => keys.remove());
  it = await Installation.start({
    servers: { natsUrl, databaseUrl },
    services: [...pipeline, 'audit-projector', 'report-api'],
    env: {
      PORT: String(port),
      LOG_LEVEL: 'debug',
      E2E_CANARY: inEnvironment,
      PROVIDENT_MASTER_KEY_FILE: join(keys.path, 'master.key'),
      PROVIDENT_MASTER_KEY_FILE_MANAGED: 'true',
    },
  });
  writeFileSync(join(it.folder, 'password'), `${inFile}\n`);
  writeCsv(join(it.folder, 'staff.csv'), staff);
}, 120_000);
afterAll(async () => {
  await it?.stop();
  await target?.close();
  hook.close();
  hook.closeAllConnections();
  for (const end of ended.reverse()) await end();
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${api}/provident/v1/${path}`, { method, ...sent });
  return { status: answer.status, text: await answer.text() };
}
const setSecret = (name: string, value: string) => ask('PUT', `secrets/${name}`, { value });

/** The target repeats what it was told to let somebody in, in every form that it can think of. */
function echo(status: number): (request: PlainRequest) => PlainRefusal {
  return ({ authorization = '' }) => {
    const [, word = ''] = authorization.split(' ');
    const opened = Buffer.from(word, 'base64').toString('utf8');
    const said = [authorization, word, opened, opened.split(':')[1], encodeURIComponent(word), Buffer.from(word).toString('base64')];
    return { status, detail: `not with ${said.join(', nor with ')}` };
  };
}

const jobOf = (job: string, auth: Record<string, unknown>, more: Partial<JobInput> = {}): JobInput => ({
  ...csvJob(job, { file: 'staff.csv', url: target.url, quarantine: { probeAfter: '1s' }, ...more }),
  target: scimTarget(target.url, { auth }),
});
const basic = (password: Record<string, string>) => ({ basic: { username: 'provident', password } });

/** A target that refuses objects, and then everybody, tells what it was told; and lets them in again. */
async function suffer(job: string): Promise<void> {
  const renamed = staff.map((each) => ({ ...each, familyName: `Renamed for ${job}` }));
  writeCsv(join(it.folder, 'staff.csv'), renamed);
  refuse = (request) => (request.method === 'GET' ? null : echo(400)(request));
  await it.run(job, { fresh: true });
  await it.find(job, ExportFailed, ({ data }) => /not with/.test(data.failure.message));
  await it.provision(job, ['E1']);
  await it.simulate(job);
  const before = (await it.events(job)).at(-1)!.sequence;
  refuse = echo(401);
  await it.open(job);
  const quarantined = await it.find(
    job,
    JobQuarantined,
    ({ sequence, data }) => sequence > before && /not with/.test(data.failure.message),
    60_000,
  );
  refuse = () => null;
  await it.find(job, JobRecovered, ({ sequence }) => sequence > quarantined.sequence, 60_000);
}

test('secrets of all three kinds let jobs in, and one that is changed is taken without a restart', async () => {
  expect(await ask('GET', 'secrets')).toEqual({ status: 200, text: '{"secrets":[]}' });
  await it.apply(jobOf('by-vault', { bearer: { secret: 'app-token' } }));
  const missing = await it.find('by-vault', JobQuarantined, () => true, 60_000);
  expect(missing.data.failure).toMatchObject({
    code: 'secret-missing',
    message: expect.stringContaining('there is no secret "app-token" in the vault: set it with "provident secret set app-token"'),
  });

  refuse = ({ authorization, ...request }) => (authorization === `Bearer ${inVault}` ? null : echo(401)({ authorization, ...request }));
  expect(JSON.parse((await setSecret('app-token', second)).text)).toMatchObject({
    ok: true,
    result: { name: 'app-token', usedBy: [{ jobId: 'by-vault', place: 'target.config.auth.bearer' }] },
  });
  await it.open('by-vault');
  await it.find('by-vault', JobQuarantined, ({ data }) => data.failure.kind === 'unauthorized', 60_000);
  await setSecret('app-token', inVault);
  await it.find('by-vault', JobRecovered, () => true, 60_000);
  await eventually(() => target.users().length === expectedAccounts(staff).length, { timeoutMs: 60_000 });
  expect(accountsIn(target.users())).toEqual(expectedAccounts(staff));
  expect((await it.list(installationId, SecretSet)).map(({ name }) => name)).toEqual(['app-token', 'app-token']);
}, 180_000);

test('what a target repeats of them is in no event, row, line, answer or backup', async () => {
  refuse = () => null;
  await setSecret('hook', inVault);
  const webhook = { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, secret: { secret: 'hook' } };
  await it.apply(jobOf('by-env', { bearer: { env: 'E2E_CANARY' } }));
  await it.apply(jobOf('by-file', basic({ file: 'password' }), { notify: { webhook } }));
  await setSecret('password', second);
  await it.apply(jobOf('by-name', basic({ secret: 'password' })));
  for (const job of ['by-env', 'by-file', 'by-name']) {
    await it.find(job, CycleClosed, () => true, 60_000);
    await suffer(job);
  }
  await suffer('by-vault');
  await it.find('by-file', NoticeSent, () => true, 60_000);
  expect(posts.length).toBeGreaterThan(0);

  const rotated = JSON.parse((await ask('POST', 'vault/rotate', {})).text) as { ok: boolean; result: { rewrapped: number } };
  expect(rotated).toMatchObject({ ok: true, result: { rewrapped: 3 } });
  await it.find(installationId, VaultRotated);
  await it.run('by-vault');

  const traces: Traces = new Map([
    ['logs', it.output()],
    ['notices', posts.join('\n')],
  ]);
  await traceBroker(natsUrl, traces);
  await traceDatabase(databaseUrl, traces);
  const jobs = ['by-vault', 'by-env', 'by-file', 'by-name'];
  const v1 = '/provident/v1';
  const paths = ['secrets', 'vault', 'jobs', 'log?limit=1000', 'events?limit=1000', 'backup'];
  await traceApi(
    api,
    [
      ...paths.map((path) => `${v1}/${path}`),
      ...jobs.flatMap((job) =>
        ['', '/changes', '/cycles', '/escrows', '/causes', '/quarantines'].map((part) => `${v1}/jobs/${job}${part}`),
      ),
      '/v1.0/auditLogs/provisioning?$top=500',
      '/v1.0/auditLogs/directoryAudits?$top=500',
      '/v1.0/servicePrincipals',
    ],
    traces,
  );
  // That the looking finds what is there:
  expect(placesOf(traces, ['nor with ***'])).toEqual(
    expect.arrayContaining(['table read_model.audit_event', `GET ${v1}/log?limit=1000`, `GET ${v1}/backup: events`]),
  );
  expect(placesOf(traces, [...canaries, ...pairs])).toEqual([]);
}, 300_000);

test('a secret that a job refers to is not deleted unasked, and nobody gets one back', async () => {
  expect((await ask('GET', 'secrets/app-token')).status).toBe(405);
  const refused = await ask('DELETE', 'secrets/app-token');
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('job \\"by-vault\\" (target.config.auth.bearer)');
  expect((await ask('DELETE', 'secrets/app-token?force=true')).status).toBe(200);
  expect((await ask('DELETE', 'secrets/app-token?force=true')).status).toBe(404);
  await it.open('by-vault');
  await it.find('by-vault', JobQuarantined, ({ data }) => data.failure.code === 'secret-missing', 60_000);
  for (const [name, body] of [
    ['a b', { value: 'x' }],
    ['../x', { value: 'x' }],
    ['a', { value: '' }],
    ['a', {}],
    ['a', { value: 'x', more: 1 }],
    ['a', { value: 7 }],
  ] as const)
    expect((await ask('PUT', `secrets/${encodeURIComponent(name)}`, body)).status).toBe(400);
  expect(it.troubles().filter((line) => !/"level":"(debug|info|warn)"/.test(line))).toEqual([]);
}, 120_000);
