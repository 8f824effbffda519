import { gunzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MemorySimulations, openedSimulation, simulatedRow, simulationProgress } from '@provident/bus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type CommandAnswer,
  CycleView,
  ErrorView,
  EventView,
  HealthView,
  JobStatusView,
  LogPageView,
  SimulationView,
} from '@provident/contracts';
import { plots, Projector, resetReadModels, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';
import { readModelDataSource } from '@provident/report';
import { Monitor } from '@provident/service-kit';
import { eventuallyHolds } from '@provident/testing';

import { ReportApiConfig } from './config.js';
import { listen } from './listen.js';
import { Broker, type Command, Commands, CommandUnanswered } from './ports.js';
import { reportApiModule } from './report-api.module.js';
import { NoPeople, RememberedSecrets } from './testing/test-api.js';
import { testAccess } from './testing/test-access.js';

class RecordedCommands extends Commands {
  readonly sent: [subject: string, payload: unknown][] = [];
  answer: CommandAnswer | Error = { ok: true, message: 'done', issues: [], result: { cycleId: 'c1' } };

  async send(command: Command, payload: unknown): Promise<CommandAnswer> {
    this.sent.push([command.subject, payload]);
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

class TestBroker extends Broker {
  durability: Broker['durability'] = 'declared';
  archive: (signal: AbortSignal) => AsyncIterable<string> = () => {
    throw new Error('the spec says what is in the archive');
  };
  known: number | null = 1_000;
  departure: string | null = null;
  departureFrom = async (): Promise<string | null> => this.departure;
  head = async (): Promise<number | null> => this.known;
  pace = async (): Promise<null> => null;
  rate = async (): Promise<null> => null;
  sessions = async (): Promise<HealthView['services']> =>
    ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier', 'audit-projector'].map((service) => ({
      service,
      instance: `${service}-1`,
      seenAt: new Date().toISOString(),
      lanes: 4,
    }));
}

const { events } = new Story().configured().cycle(
  plots.map((plot, i) => ({ plot, id: `E-${i}` })),
  { kind: 'initial' },
);
const graph = { tenantId: 'aaaaaaaa-0000-4000-8000-000000000000' };
const quiet = { log: () => undefined, error: () => undefined, warn: () => undefined };
const errors: object[] = [];

let models: TestReadModels;
let application: NestFastifyApplication;
let base: string;
const commands = new RecordedCommands();
const broker = new TestBroker();
const simulations = new MemorySimulations();

async function start(schema: string): Promise<void> {
  const dataSource = await readModelDataSource({ url: models.url, schema }).initialize();
  const access = await testAccess(models.url, { simulations });
  const monitor = new Monitor('report-api');
  const module = reportApiModule({
    monitor,
    dataSource,
    commands,
    broker,
    logger: { error: (facts) => errors.push(facts) },
    baseDir: '/here',
    graph,
    simulations,
    secrets: new RememberedSecrets(),
    people: new NoPeople(),
    access,
  });
  const http = { host: '127.0.0.1', port: 0, tls: null, corsOrigins: [], trustedProxies: [], monitor };
  application = await listen(module, { ...http, access: access.hooks, people: new NoPeople() }, quiet);
  base = await application.getUrl();
}

const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; headers: Headers; body: unknown }> => {
  const response = await fetch(new URL(path, base), init);
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const post = (path: string, body: unknown) =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

beforeAll(async () => {
  models = await testReadModels();
  await new Projector(models.connection, 'log').project(events);
  await start(models.schema);
}, 120_000);
afterAll(async () => {
  await application?.close();
  await models?.close();
});
afterEach(() => {
  commands.sent.length = 0;
  commands.answer = { ok: true, message: 'done', issues: [], result: { cycleId: 'c1' } };
  broker.known = 1_000;
});

describe('reports', () => {
  test('are the views of the contract, with their freshness', async () => {
    const jobs = await ask('/provident/v1/jobs');
    expect(jobs.status).toBe(200);
    expect(jobs.headers.get('x-provident-position')).toBe(String(events.length));
    const [job] = (jobs.body as { jobs: unknown[] }).jobs;
    expect(JobStatusView.parse(job)).toEqual(job);
    expect((await ask('/provident/v1/jobs/hr-to-wiki')).body).toEqual(job);
    const { cycles } = (await ask('/provident/v1/jobs/hr-to-wiki/cycles')).body as { cycles: unknown[] };
    expect(CycleView.parse(cycles[0])).toEqual(cycles[0]);
    expect((await ask('/provident/v1/jobs/hr-to-wiki/cycles/hr-to-wiki-c1')).body).toEqual(cycles[0]);
    const log = await ask('/provident/v1/log?user=w-e-0&user=x'.replace('&user=x', ''));
    expect(LogPageView.parse(log.body)).toEqual(log.body);
    const { entries } = (await ask('/provident/v1/log?user=E-0%40acme.TEST&since=2026-03-02&limit=5')).body as LogPageView;
    expect(entries).toMatchObject([{ action: 'create', sourceId: 'E-0' }]);
    const found = (await ask('/provident/v1/events?after=5&limit=2')).body as { events: unknown[] };
    expect(found.events.map((event) => EventView.parse(event).sequence)).toEqual([6, 7]);
  });

  test.each([
    [
      '/provident/v1/log?usr=x',
      'parameter "usr": is not known; supported: user, job, since, until, status, activity, change, limit, cursor, startAt',
    ],
    ['/provident/v1/log?since=monday', 'parameter "since": must be an instant such as 2026-03-02T09:00:00Z, or a day such as 2026-03-02'],
    ['/provident/v1/log?limit=0', 'parameter "limit": must be a whole number from 1 to 1000'],
    ['/provident/v1/log?limit=9999', 'parameter "limit": must be a whole number from 1 to 1000'],
    ['/provident/v1/log?user=a&user=b', 'parameter "user": '],
    ['/provident/v1/log?status=odd', 'parameter "status": Invalid option: expected one of "success"|"failure"'],
    ['/provident/v1/log?cursor=abc', 'the cursor is not one that this API gave out'],
    ['/provident/v1/jobs?page=2', 'parameter "page": is not known; supported: none'],
    ['/provident/v1/events?after=-1', 'parameter "after": must be a whole number from 0'],
  ])('%s is refused in words', async (path, message) => {
    const { status, body } = await ask(path);
    expect(status).toBe(400);
    expect(ErrorView.parse(body).error.message).toContain(message);
  });

  test('that do not exist are 404 in the same form', async () => {
    for (const path of ['/provident/v1/jobs/none', '/provident/v1/jobs/hr-to-wiki/cycles/c9', '/nothing/here']) {
      const { status, body } = await ask(path);
      expect([status, ErrorView.parse(body).error.code]).toEqual([404, 'not-found']);
    }
  });

  test('echo the request id, or name the request themselves', async () => {
    expect((await ask('/provident/v1/jobs', { headers: { 'x-request-id': 'abc-1' } })).headers.get('x-request-id')).toBe('abc-1');
    expect((await ask('/provident/v1/jobs', { headers: { 'x-request-id': 'a b\t<script>' } })).headers.get('x-request-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });
});

describe('orders', () => {
  test('become commands, in the name of whoever is on this machine', async () => {
    const by = { kind: 'user', name: 'local' };
    expect((await post('/provident/v1/jobs', { definition: { job: 'x' } })).body).toEqual(commands.answer);
    await post('/provident/v1/jobs/validate', { definition: {}, baseDir: '/there' });
    expect((await post('/provident/v1/jobs/a/run', { fresh: true })).status).toBe(202);
    await post('/provident/v1/jobs/a/run', {});
    await post('/provident/v1/jobs/a/start', {});
    await post('/provident/v1/jobs/a/pause', {});
    await post('/provident/v1/jobs/a%2Fb/cycles/c1/release-removals', {});
    expect(commands.sent).toEqual([
      ['provident.command.apply-job', { definition: { job: 'x' }, baseDir: '/here', by }],
      ['provident.command.validate-job', { definition: {}, baseDir: '/there' }],
      ['provident.command.run-job', { jobId: 'a', fresh: true, by }],
      ['provident.command.run-job', { jobId: 'a', fresh: false, by }],
      ['provident.command.start-job', { jobId: 'a', by }],
      ['provident.command.pause-job', { jobId: 'a', by }],
      ['provident.command.release-removals', { jobId: 'a/b', cycleId: 'c1', by }],
    ]);
  });

  test('that are refused say why, with the issues of the job file', async () => {
    const issues = [{ path: ['source'], message: 'is missing' }];
    commands.answer = { ok: false, message: '1 problem', issues, result: {} };
    expect(await post('/provident/v1/jobs', { definition: {} })).toMatchObject({
      status: 422,
      body: { error: { code: 'job-refused', message: '1 problem', issues } },
    });
    expect(await post('/provident/v1/jobs/validate', { definition: {} })).toMatchObject({ status: 200, body: commands.answer });
    commands.answer = { ok: false, message: 'there is no job a', issues: [], result: {} };
    expect(await post('/provident/v1/jobs/a/run', {})).toMatchObject({
      status: 409,
      body: { error: { code: 'refused', message: 'there is no job a' } },
    });
    commands.answer = new CommandUnanswered('no job-scheduler answered: is it running?');
    expect(await post('/provident/v1/jobs/a/run', {})).toMatchObject({ status: 503, body: { error: { code: 'no-answer' } } });
  });

  test.each([
    ['{"definition": ', 400],
    ['{}', 400],
    ['{"definition": {}, "by": {"kind": "system", "name": "me"}}', 400],
    ['[]', 400],
    [`{"definition": "${'x'.repeat(1024 * 1024)}"}`, 413],
  ])('with the body %.40s are refused in the form of every error', async (body, status) => {
    const answer = await post('/provident/v1/jobs', body);
    expect(answer.status).toBe(status);
    expect(ErrorView.parse(answer.body).error.message).not.toBe('');
    expect(commands.sent).toEqual([]);
  });

  test('are not taken from web pages of others, nor under a name that is not this machine´s', async () => {
    const simple = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"fresh":true}' };
    expect((await ask('/provident/v1/jobs/a/run', simple)).status).toBe(415);
    expect((await ask('/provident/v1/jobs/a/pause', { method: 'POST' })).status).toBe(400);
    const answer = await application
      .getHttpAdapter()
      .getInstance()
      .inject({ method: 'GET', url: '/provident/v1/jobs', headers: { host: 'evil.test:8730' } });
    expect(answer.statusCode).toBe(403);
    expect(commands.sent).toEqual([]);
  });

  test('that fail unexpectedly tell nothing of the inside', async () => {
    commands.answer = new Error('secret of the inside');
    const { status, body, headers } = await post('/provident/v1/jobs/a/run', {});
    expect([status, ErrorView.parse(body).error.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/secret|report-api\.|at /);
    expect(errors.at(-1)).toMatchObject({ requestId: headers.get('x-request-id') });
  });
});

describe('simulations', () => {
  const running = openedSimulation();
  const path = `/provident/v1/simulations/${running.simulationId}`;
  beforeAll(async () => {
    await simulations.open(running, simulationProgress({ at: new Date().toISOString() }));
    await simulations.addRows(running.simulationId, [simulatedRow('1'), simulatedRow('2', 'skip'), simulatedRow('3')]);
  });

  test('are ordered for a job, for a job with other rules, or for a job file', async () => {
    const by = { kind: 'user', name: 'local' };
    expect((await post('/provident/v1/jobs/a/simulate', {})).status).toBe(202);
    await post('/provident/v1/jobs/a/simulate', { definition: { job: 'a' }, compare: true });
    await post('/provident/v1/simulate', { definition: { job: 'b' }, baseDir: '/there' });
    expect(commands.sent.map(([subject, payload]) => (expect(subject).toBe('provident.command.simulate-job'), payload))).toEqual([
      { jobId: 'a', draft: null, compare: false, by },
      { jobId: 'a', draft: { definition: { job: 'a' }, baseDir: '/here' }, compare: true, by },
      { jobId: null, draft: { definition: { job: 'b' }, baseDir: '/there' }, compare: false, by },
    ]);
    expect((await post('/provident/v1/simulate', {})).status).toBe(400);
    commands.answer = { ok: false, message: 'no', issues: [{ path: ['x'], message: 'is wrong' }], result: {} };
    expect((await post('/provident/v1/jobs/a/simulate', {})).status).toBe(422);
  });

  test('are shown with their rows, page by page', async () => {
    expect(SimulationView.parse((await ask(path)).body)).toMatchObject({ ...running, state: 'running' });
    const first = (await ask(`${path}/rows?action=create&limit=1`)).body as { rows: { sourceId: string }[]; next: string };
    expect(first.rows.map(({ sourceId }) => sourceId)).toEqual(['1']);
    expect((await ask(`${path}/rows?action=create&limit=1&after=${first.next}`)).body).toMatchObject({ rows: [{ sourceId: '3' }] });
    const csv = await fetch(new URL(`${path}/rows.csv?action=skip`, base));
    expect(csv.headers.get('content-disposition')).toContain('.csv');
    expect((await csv.text()).trim().split('\r\n')).toHaveLength(2);
  });

  test.each([
    ['/provident/v1/simulations/none', 404],
    ['/provident/v1/simulations/none/rows', 404],
    ['/provident/v1/simulations/none/rows.csv', 404],
    [`${path}/rows?after=x`, 400],
    [`${path}/rows?action=odd`, 400],
  ])('%s is refused', async (wrong, status) => expect((await ask(wrong)).status).toBe(status));

  test('are cancelled while they run', async () => {
    expect(await post(`${path}/cancel`, {})).toMatchObject({ status: 200 });
    expect(commands.sent).toEqual([[`provident.command.cancel-simulation.${running.simulationId}`, {}]]);
    commands.answer = new CommandUnanswered('nobody');
    expect(await post(`${path}/cancel`, {})).toMatchObject({ status: 409 });
    await simulations.tell(running.simulationId, simulationProgress({ state: 'completed' }));
    expect(await post(`${path}/cancel`, {})).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('completed') } },
    });
  });
});

describe('health', () => {
  test('is ok while everything lives', async () => {
    expect((await ask('/health/live')).body).toEqual({ status: 'ok' });
    expect((await ask('/health/ready')).status).toBe(200);
    const { body } = await ask('/provident/v1/health');
    expect(HealthView.parse(body)).toMatchObject({
      status: 'ok',
      log: { head: 1_000, position: events.length },
      database: true,
      broker: true,
    });
  });

  test('and the status of a job say when the log may lose what it has acknowledged', async () => {
    const seen = (await ask('/provident/v1/health')).body as HealthView;
    expect(seen.durability).toBe('declared');
    broker.durability = 'waived';
    expect((await ask('/provident/v1/health')).body).toMatchObject({ status: 'ok', durability: 'waived' });
    expect((await ask('/provident/v1/jobs')).body).toMatchObject({ jobs: [{ isLogVolatile: true }] });
    broker.durability = 'seen';
    expect((await ask('/provident/v1/jobs')).body).not.toMatchObject({ jobs: [{ isLogVolatile: true }] });
  });

  test('is degraded with another log than the one that reports were made from, and says what to do; so does the status of a job', async () => {
    broker.departure = 'which ends at 2: it went back to an older state';
    const words = new RegExp(`^the reports stand at ${events.length} of log \\S+, which ends at 2: .*"provident restore --present-log"`);
    await eventuallyHolds(async () =>
      expect((await ask('/provident/v1/health')).body).toMatchObject({ status: 'degraded', log: { wrong: expect.stringMatching(words) } }),
    );
    expect((await ask('/provident/v1/jobs')).body).toMatchObject({ jobs: [{ wrongLog: expect.stringMatching(words) }] });
    broker.departure = null;
    await eventuallyHolds(async () => expect((await ask('/provident/v1/health')).body).toMatchObject({ status: 'ok' }));
    expect((await ask('/provident/v1/jobs')).body).not.toMatchObject({ jobs: [{ wrongLog: expect.anything() }] });
  });

  test('is degraded, and reports are not ready, without the broker', async () => {
    broker.known = null;
    expect((await ask('/health/ready')).status).toBe(503);
    expect((await ask('/provident/v1/health')).body).toMatchObject({ status: 'degraded', broker: false, log: { head: events.length } });
    expect((await ask('/provident/v1/jobs')).status).toBe(200);
  });
});

test('followers get what is there behind their place, and then what comes', async () => {
  const ending = new AbortController();
  const response = await fetch(new URL(`/provident/v1/events/follow?after=${events.length - 2}&job=hr-to-wiki`, base), {
    signal: ending.signal,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const more = new Story('hr-to-wiki', '2026-04-01T00:00:00.000Z', events.length)
    .configured()
    .cycle([{ plot: 'joiner', id: 'N-1' }]).events;
  const wanted = more.length + 2;
  const seen: number[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    seen.length = 0;
    for (const [, data] of text.matchAll(/^data: (.*)\n$/gm)) seen.push(EventView.parse(JSON.parse(data!)).sequence);
    if (seen.length === 2) await new Projector(models.connection, 'log').project(more);
    if (seen.length === wanted) break;
  }
  ending.abort();
  expect(seen).toEqual(Array.from({ length: wanted }, (_, i) => events.length - 1 + i));
  expect(text).toMatch(/id: \d+\nevent: /);
});

test('before the projector has made the tables, the API says that it is not ready', async () => {
  await application.close();
  await start('not_made_yet');
  expect((await ask('/health/live')).status).toBe(200);
  expect((await ask('/health/ready')).status).toBe(503);
  expect(await ask('/provident/v1/jobs')).toMatchObject({ status: 503, body: { error: { code: 'not-ready' } } });
  await resetReadModels(models.connection);
});

test('the API refuses to be open to others unless told so', () => {
  const env = { NATS_URL: 'nats://127.0.0.1:4222', DATABASE_URL: 'postgres://127.0.0.1/x' };
  expect(ReportApiConfig.parse(env)).toMatchObject({ HOST: '127.0.0.1', PORT: 8_730 });
  const open = ReportApiConfig.safeParse({ ...env, HOST: '0.0.0.0' });
  expect(open.error?.issues[0]).toMatchObject({ path: ['HOST'], message: expect.stringContaining('PROVIDENT_INSECURE_BIND=true') });
  expect(ReportApiConfig.safeParse({ ...env, HOST: '0.0.0.0', PROVIDENT_INSECURE_BIND: 'true' }).success).toBe(true);
});

describe('the read models', () => {
  const check = {
    checkId: 'c',
    kind: 'verify',
    state: 'running',
    by: { kind: 'user', name: 'local' },
    startedAt: '2026-03-01T08:00:00.000Z',
    endedAt: null,
    position: 0,
    head: 9,
    findings: [],
  };

  test('are checked, and built anew, on request', async () => {
    commands.answer = { ok: true, message: 'going', issues: [], result: { checkId: 'c', check } };
    expect(await post('/provident/v1/read-models/checks', { kind: 'rebuild' })).toMatchObject({ status: 202, body: { ok: true } });
    expect(commands.sent.at(-1)).toMatchObject(['provident.command.check-read-models', { kind: 'rebuild' }]);
    expect(await ask('/provident/v1/read-models/checks/c')).toMatchObject({ status: 200, body: check });
  });

  test('are not checked twice at once, and not in another way', async () => {
    commands.answer = { ok: false, message: 'a check is running already', issues: [], result: {} };
    expect((await post('/provident/v1/read-models/checks', { kind: 'verify' })).status).toBe(409);
    expect((await post('/provident/v1/read-models/checks', { kind: 'mend' })).status).toBe(400);
    expect(await ask('/provident/v1/read-models/checks/x')).toMatchObject({ status: 404 });
  });
});

test('a backup is the whole log, compressed, and one at a time', async () => {
  let goOn = (): void => undefined;
  const waits = new Promise<void>((resolve) => (goOn = resolve));
  broker.archive = async function* () {
    yield '{"format":"provident-log"}';
    await waits;
    yield '{"sha256":"x","events":0}';
  };
  const first = await fetch(new URL('/provident/v1/backup', base));
  expect((await ask('/provident/v1/backup')).status).toBe(429);
  goOn();
  const text = gunzipSync(Buffer.from(await first.arrayBuffer())).toString();
  expect(text).toBe('{"format":"provident-log"}\n{"sha256":"x","events":0}\n');
});
