import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExportFailed, PersonErased } from '@provident/contracts';
import { sealedMark } from '@provident/domain';
import { testDatabase } from '@provident/embedded/testing';
import { eventually, tempFolder } from '@provident/testing';
import pg from 'pg';

import { type Broker, startBroker } from './harness/broker.js';
import {
  Installation,
  type PlainRefusal,
  type PlainRequest,
  type PlainTarget,
  csvJob,
  people,
  peopleRules,
  person,
  pipeline,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';
import { type Traces, placesOf, traceApi, traceBroker, traceDatabase } from './harness/traces.js';

const canary = `canary${randomBytes(6).toString('hex')}`;
const witness = `witness${randomBytes(6).toString('hex')}`;
const job = 'sealed';
const her = person(1, {
  givenName: canary,
  familyName: `${canary} Smith`,
  userName: `${canary}@example.org`,
  email: `mail.${canary}@example.org`,
});
const him = person(2, { givenName: witness, familyName: `${witness} Jones`, userName: `${witness}@example.org` });
const others = people(6, 3);

let it: Installation;
let target: PlainTarget;
let broker: Broker;
let api: string;
let databaseUrl: string;
const ended: (() => Promise<unknown>)[] = [];
let refuse: (request: PlainRequest) => PlainRefusal | null = () => null;

beforeAll(async () => {
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  const database = await testDatabase();
  ended.push(() => database.drop());
  broker = await startBroker();
  ended.push(() => broker.stop());
  databaseUrl = database.url;
  target = await startPlainTarget({ unique: true, refuse: (request) => refuse(request) });
  const keys = await tempFolder('e2e-keys');
  ended.push(() => keys.remove());
  it = await Installation.start({
    servers: { natsUrl: broker.url, databaseUrl },
    services: [...pipeline, 'audit-projector', 'report-api'],
    env: {
      PORT: String(port),
      LOG_LEVEL: 'debug',
      PROVIDENT_MASTER_KEY_FILE: join(keys.path, 'master.key'),
      PROVIDENT_MASTER_KEY_FILE_MANAGED: 'true',
    },
  });
}, 120_000);
afterAll(async () => {
  await it?.stop();
  await target?.close();
  for (const end of ended.reverse()) await end();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${api}${path}`, { method, ...sent });
  return { status: answer.status, text: await answer.text() };
}
const erase = (id: string, more: Record<string, unknown> = {}) => ask('POST', `/provident/v1/people/${id}/erase`, more);
const source = (...everybody: ReturnType<typeof person>[]): void => writeCsv(join(it.folder, `${job}.csv`), [...everybody, ...others]);

/** Every file under a folder, as bytes. */
function filesIn(folder: string, traces: Traces): void {
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const file = join(folder, name);
    if (statSync(file).isFile()) traces.set(`file ${name}`, readFileSync(file, 'latin1'));
  }
}

const v1 = '/provident/v1';
const answers = [
  `${v1}/log?limit=1000`,
  `${v1}/events?limit=1000`,
  `${v1}/people/E1/story`,
  `${v1}/people/E1/why`,
  `${v1}/jobs/${job}/escrows`,
  `${v1}/jobs/${job}/causes`,
  `${v1}/export/provisioning?format=jsonl`,
  `${v1}/export/provisioning?format=csv&file=entries`,
  `${v1}/export/audits?format=jsonl`,
  `${v1}/backup`,
  '/v1.0/auditLogs/provisioning?$top=500',
  '/v1.0/auditLogs/directoryAudits?$top=500',
];

/** What is kept at rest, and what is told. */
async function traces(): Promise<{ kept: Traces; told: Traces }> {
  const [kept, told]: [Traces, Traces] = [new Map(), new Map([['logs', it.output()]])];
  await traceBroker(broker.url, kept);
  filesIn(broker.folder, kept);
  await traceDatabase(databaseUrl, kept);
  await traceApi(api, answers, told);
  return { kept, told };
}

/** Where a text stands, at rest or in answers. */
const placesWith = async (text: string): Promise<string[]> => {
  const { kept, told } = await traces();
  return [...placesOf(kept, [text]), ...placesOf(told, [text])];
};

/** All rows but those that tell of the checks themselves, which are events too. */
const readModels = async (): Promise<unknown> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'read_model' AND tablename NOT LIKE '%migrations%' AND tablename NOT IN ('position', 'landmark') ORDER BY 1`,
    );
    const tables: Record<string, string[]> = {};
    for (const { name } of rows)
      tables[name] = (
        await client.query<{ row: string }>(
          `SELECT each::text AS row FROM read_model.${name} each WHERE to_jsonb(each) ->> 'job_id' IS DISTINCT FROM '_installation' ORDER BY 1`,
        )
      ).rows.map((each) => each.row);
    return tables;
  } finally {
    await client.end();
  }
};

async function check(kind: 'verify' | 'rebuild'): Promise<unknown> {
  const { text } = await ask('POST', `${v1}/read-models/checks`, { kind });
  const { result } = JSON.parse(text) as { result: { checkId: string } };
  return eventually(
    async () => {
      const found = JSON.parse((await ask('GET', `${v1}/read-models/checks/${result.checkId}`)).text) as { state: string };
      return found.state === 'running' ? null : found;
    },
    { timeoutMs: 60_000 },
  );
}

const projected = async (): Promise<void> => {
  const { sequence } = (await it.events(job)).at(-1)!;
  await eventually(async () => Number((await fetch(`${api}${v1}/events?limit=1`)).headers.get('x-provident-position')) >= sequence, {
    timeoutMs: 60_000,
  });
};

test('values are kept sealed, and read by whoever may read reports', async () => {
  source(her, him);
  refuse = ({ method, body }) =>
    method === 'POST' && JSON.stringify(body ?? '').includes(canary) ? { status: 400, detail: `no room for ${canary}@example.org` } : null;
  await it.apply(csvJob(job, { url: target.url, privacy: { seal: 'all' }, objects: [{ ...peopleRules, displayName: 'familyName' }] }));
  await it.cycleClosed(job);
  await it.find(job, ExportFailed);
  refuse = () => null;
  await it.provision(job, ['E1']);
  await it.simulate(job);
  await it.eventsAtRest(job);
  await projected();

  expect(target.users().map(({ userName }) => userName)).toEqual(expect.arrayContaining([her.userName, him.userName]));
  const { kept, told } = await traces();
  // Its own tables are the importer's business: it has to know whether somebody has changed. All else is sealed.
  expect(placesOf(kept, [canary, witness]).filter((place) => !place.startsWith('table importer.'))).toEqual([]);
  expect(placesOf(kept, [sealedMark])).toEqual(
    expect.arrayContaining(['table read_model.audit_event', 'table read_model.provisioning_entry']),
  );
  expect(placesOf(told, [canary])).toEqual(
    expect.arrayContaining([`GET ${v1}/log?limit=1000`, `GET ${v1}/export/provisioning?format=jsonl`]),
  );
  expect(placesOf(told, [canary])).not.toContain('logs');
  expect(placesOf(told, [canary])).not.toContain(`GET ${v1}/backup: events`);
  expect(JSON.parse((await ask('GET', `${v1}/log?user=${encodeURIComponent(her.userName.toUpperCase())}`)).text)).toMatchObject({
    entries: expect.arrayContaining([expect.objectContaining({ sourceId: 'E1', displayName: her.familyName })]),
  });
}, 240_000);

test('who is in the source still is not erased, and nobody without a name is', async () => {
  const refused = await erase('E1');
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('take the person out of the source and run the job');
  expect((await erase('nobody-of-this-name')).status).toBe(404);
  expect((await erase('E1', { job: 'no-such-job' })).status).toBe(404);
});

test('who was erased can be read nowhere any more; the story stays, and so do the others', async () => {
  source(him);
  await it.run(job);
  await it.eventsAtRest(job);
  await projected();
  const stepsOf = async () =>
    (
      JSON.parse((await ask('GET', `${v1}/log?user=E1&limit=100`)).text) as {
        entries: { changeId: string; action: string; status: string }[];
      }
    ).entries.map(({ changeId, action, status }) => ({ changeId, action, status }));
  const story = await stepsOf();

  const answer = await erase('E1', { why: 'asked for' });
  expect({ ...answer, text: JSON.parse(answer.text) }).toMatchObject({ status: 200, text: { ok: true, result: { readableEvents: 0 } } });
  const { data } = await it.find(job, PersonErased);
  expect(data).toMatchObject({ objectKey: 'user:E1', why: 'asked for', by: { name: 'local' } });
  await projected();

  const { kept, told } = await eventually(
    async () => {
      const all = await traces();
      return placesOf(all.kept, [canary]).length === 0 ? all : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(placesOf(kept, [canary])).toEqual([]);
  expect(placesOf(told, [canary])).toEqual([]);
  expect(placesOf(told, [witness])).toEqual(expect.arrayContaining([`GET ${v1}/log?limit=1000`]));
  expect(placesOf(told, ['(erased)'])).toEqual(expect.arrayContaining([`GET ${v1}/log?limit=1000`]));
  expect(await stepsOf()).toEqual(story);
  expect(JSON.parse((await ask('GET', `${v1}/log?user=${encodeURIComponent(her.userName)}`)).text)).toMatchObject({ entries: [] });
  expect(it.troubles().filter((line) => !/"level":"(debug|info|warn)"/.test(line))).toEqual([]);
}, 240_000);

test('what a job wrote before it sealed is in no report, search or export of who was erased, and in the log still', async () => {
  const late = 'late';
  const plain = `plain${randomBytes(6).toString('hex')}`;
  const she = person(70, {
    givenName: plain,
    familyName: `${plain} Late`,
    userName: `${plain}@example.org`,
    email: `mail.${plain}@example.org`,
  });
  const file = join(it.folder, `${late}.csv`);
  const definition = (privacy: object) =>
    csvJob(late, { url: target.url, ...privacy, objects: [{ ...peopleRules, displayName: 'familyName' }] });
  writeCsv(file, [she, ...others]);
  await it.apply(definition({}));
  await it.cycleClosed(late);
  await it.apply(definition({ privacy: { seal: 'all' } }));
  writeCsv(file, others);
  await it.run(late);
  await it.eventsAtRest(late);
  await eventually(
    async () => {
      expect(await placesWith(plain)).toContain('table read_model.identity');
      return true;
    },
    { timeoutMs: 60_000 },
  );

  const answer = await ask('POST', `${v1}/people/E70/erase`, { job: late });
  const { result, message } = JSON.parse(answer.text) as { result: { readableEvents: number }; message: string };
  expect([answer.status, result.readableEvents > 0, message]).toEqual([
    200,
    true,
    expect.stringContaining('of the log, from before the job sealed values'),
  ]);
  const readable = await eventually(
    async () => {
      const places = await placesWith(plain);
      expect(places.filter((place) => place.startsWith('table '))).toEqual([]);
      return places;
    },
    { timeoutMs: 60_000 },
  );
  const shown = readable.filter((place) => place.startsWith('GET ') && !place.startsWith(`GET ${v1}/backup`));
  expect(shown).toEqual([]);
  expect(readable).toContain(`GET ${v1}/backup: events`);
  expect(JSON.parse((await ask('GET', `${v1}/log?user=E70&job=${late}`)).text)).toMatchObject({
    entries: expect.arrayContaining([expect.objectContaining({ action: 'create', displayName: '(erased)' })]),
  });
}, 240_000);

test('the read models are the same when they are made anew', async () => {
  expect(await check('verify')).toMatchObject({ state: 'succeeded' });
  const before = await readModels();
  expect(await check('rebuild')).toMatchObject({ state: 'succeeded' });
  expect(await readModels()).toEqual(before);
}, 240_000);

test('an erasure that was broken off is finished by the next start, and may be asked for again', async () => {
  source();
  await it.run(job);
  await it.eventsAtRest(job);
  await projected();
  // Killed right behind the destruction, before the log was told of it.
  it.process('report-api').kill('SIGKILL', { forGood: true });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `WITH gone AS (UPDATE vault.person_key SET wrapped = NULL, erased_at = now() WHERE object_key = 'user:E2' RETURNING id)
       INSERT INTO vault.erasure (id, job_id, object_key, key_ids, why, requested_at, requested_by)
       SELECT gen_random_uuid(), $1, 'user:E2', array_agg(id), NULL, now(), '{"kind":"user","name":"local"}' FROM gone`,
      [job],
    );
  } finally {
    await client.end();
  }
  await it.restartService('report-api');
  await it.find(job, PersonErased, ({ data }) => data.objectKey === ('user:E2' as never), 60_000);
  expect((await erase('E2')).status).toBe(200);
  expect((await it.list(job, PersonErased)).filter(({ objectKey }) => objectKey === ('user:E2' as never))).toHaveLength(2);
  const places = await eventually(
    async () => {
      const { kept, told } = await traces();
      const found = [...placesOf(kept, [witness]), ...placesOf(told, [witness])];
      return found.length === 0 ? 'none' : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(places).toBe('none');
}, 240_000);
