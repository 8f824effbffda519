import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  type CauseView,
  type CommandAnswer,
  CycleClosed,
  EscrowWoken,
  JobQuarantined,
  JobRecovered,
  NoticeSent,
  type QuarantinesView,
  RetryDue,
  is,
} from '@provident/contracts';
import { eventually } from '@provident/testing';
import { SMTPServer } from 'smtp-server';

import {
  Installation,
  type PlainRefusal,
  type PlainRequest,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  openEscrows,
  people,
  pipeline,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

const secret = 'canary-6d1f0a92c7';
const staff = people(300);
const inScope = expectedAccounts(staff).length;

const posts: { headers: IncomingHttpHeaders; body: string }[] = [];
const mails: string[] = [];
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += String(part)));
  request.on('end', () => {
    posts.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
});
const smtp = new SMTPServer({
  authOptional: true,
  hideSTARTTLS: true,
  onData(stream, _session, done) {
    let text = '';
    stream.on('data', (part) => (text += String(part)));
    stream.on('end', () => {
      mails.push(text);
      done();
    });
  },
});

let it: Installation;
let target: PlainTarget;
let api: string;
let refuse: (request: PlainRequest) => PlainRefusal | null;

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    E2E_SECRET: secret,
    E2E_TOKEN: 'right',
    PROVIDENT_SMTP_URL: `smtp://127.0.0.1:${portOf(smtp.server)}`,
  };
  it = await Installation.start({ env, services: [...pipeline, 'audit-projector', 'report-api'] });
}, 120_000);
afterAll(async () => {
  await it?.stop();
  hook.close();
  hook.closeAllConnections();
  await new Promise<void>((resolve) => smtp.close(resolve));
});
beforeEach(async () => {
  refuse = () => null;
  target = await startPlainTarget({ unique: true, refuse: (request) => refuse(request) });
});
afterEach(() => target.close());

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${api}/provident/v1/jobs/${path}`, sent);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
const causesOf = async (jobId: string): Promise<CauseView[]> => (await ask<{ causes: CauseView[] }>(`${jobId}/causes`)).causes;

test('sixty people whom the target refuses for one reason are one line, and come in together once it is mended', async () => {
  const job = 'sixty';
  writeCsv(join(it.folder, `${job}.csv`), staff);
  refuse = ({ method, body }) =>
    method === 'POST' && /^user\d*[05]@/.test(String(body['userName']))
      ? { status: 400, detail: `Mail domain of ${String(body['userName'])} is not allowed for "${JSON.stringify(body['name'])}"` }
      : null;
  await it.apply(csvJob(job, { url: target.url }));
  expect((await it.cycleClosed(job)).tally).toMatchObject({ created: inScope - 60, escrowed: 60 });

  const causes = await eventually(async () => {
    const found = await causesOf(job).catch(() => []);
    return found.length > 0 && found[0]!.people === 60 ? found : null;
  });
  expect(causes).toHaveLength(1);
  const [cause] = causes as [CauseView];
  expect(cause).toMatchObject({ operation: 'create', code: 'http-400', failures: 60, givenUp: 0, remedy: expect.any(String) });
  expect(cause.text).toMatch(/Mail domain of … is not allowed/);
  expect(cause.text).not.toMatch(/user\d|Given|Family|example/);
  expect(cause.examples).toHaveLength(5);

  refuse = () => null;
  const answer = await ask<CommandAnswer>(`${job}/retry`, { cause: cause.causeId });
  expect(answer).toMatchObject({ ok: true, message: '60 object(s): tried again now', result: { count: 60 } });
  await eventually(() => target.users().length === inScope, { timeoutMs: 60_000 });
  await eventually(async () => openEscrows(await it.events(job)).length === 0, { timeoutMs: 30_000 });
  expect(accountsIn(target.users())).toEqual(expectedAccounts(staff));
  const retries = await it.list(job, RetryDue);
  expect(retries).toHaveLength(60);
  expect(retries.every(({ wokenBy, attempt }) => wokenBy === 'person' && attempt === 1)).toBe(true);
  await eventually(async () => (await causesOf(job)).length === 0);
  expect(checkLog(await it.events(job))).toEqual([]);
}, 180_000);

test('credentials that expire amid a cycle: quarantine at once, one notice each way, and back by itself once they are right again', async () => {
  const job = 'expired';
  writeCsv(join(it.folder, `${job}.csv`), staff);
  let created = 0;
  let token = 'right';
  refuse = ({ method, authorization }) => {
    if (authorization !== `Bearer ${token}`) return { status: 401, detail: 'The token has expired.' };
    if (method === 'POST' && ++created === 20) token = 'another';
    return null;
  };
  const webhook = { url: `http://127.0.0.1:${portOf(hook)}/notices`, secret: { env: 'E2E_SECRET' } };
  const notify = { email: ['ops@example.org'], webhook };
  const quarantine = { probeAfter: '1s' };
  await it.apply({
    ...csvJob(job, { url: target.url, notify, quarantine }),
    target: scimTarget(target.url, { auth: { bearer: { env: 'E2E_TOKEN' } } }),
  });

  const quarantined = await it.find(job, JobQuarantined, () => true, 60_000);
  expect(quarantined.data).toMatchObject({ reason: 'connection', count: 1, failure: { kind: 'unauthorized' } });
  const closed = await it.find(job, CycleClosed, () => true, 60_000);
  expect(closed.sequence).toBeGreaterThan(quarantined.sequence);
  await eventually(() => mails.length === 1 && posts.length === 1, { timeoutMs: 20_000 });

  token = 'right';
  const recovered = await it.find(job, JobRecovered, () => true, 60_000);
  expect(recovered.data.by.kind).toBe('system');
  await eventually(() => target.users().length === inScope, { timeoutMs: 60_000 });
  await eventually(async () => openEscrows(await it.events(job)).length === 0, { timeoutMs: 30_000 });
  expect(accountsIn(target.users())).toEqual(expectedAccounts(staff));
  expect((await it.list(job, EscrowWoken)).every(({ wokenBy }) => wokenBy === 'target')).toBe(true);

  await eventually(async () => (await it.list(job, NoticeSent)).length === 4, { timeoutMs: 20_000 });
  const events = await it.events(job);
  const told = events.filter((event) => is(event, JobQuarantined) || is(event, JobRecovered)).map(({ id }) => id);
  expect(posts.map(({ headers }) => headers['provident-notice-id'])).toEqual([told[0], told.at(-1)]);
  expect(posts.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)).toEqual(['quarantine-entered', 'quarantine-left']);
  for (const { headers, body } of posts) {
    const expected = createHmac('sha256', secret)
      .update(`${String(headers['provident-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['provident-signature']).toBe(`v1=${expected}`);
  }
  expect(mails.map((mail) => /Subject: (.*)/.exec(mail)?.[1]?.trim())).toEqual([
    `[Provident] ${job} is in quarantine`,
    `[Provident] ${job} is healthy again`,
  ]);
  expect(JSON.stringify(events)).not.toContain(secret);
  expect(it.output()).not.toContain(secret);

  const history = await eventually(async () => {
    const view = await ask<QuarantinesView>(`${job}/quarantines`);
    return view.notices.length === 4 ? view : null;
  });
  expect(history.quarantines).toMatchObject([{ reason: 'connection', leftBy: { kind: 'system' } }]);
  expect(checkLog(events)).toEqual([]);
  expect(it.troubles()).toEqual([]);
}, 180_000);
