import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Said } from '@provident/bus';
import { networkPolicy } from '@provident/connectors/config';
import { type DataOf, type LogEvent, NoticeFailed, NoticeSent } from '@provident/contracts';
import { type JobDefinition, type Notice, asJobId } from '@provident/domain';
import { job } from '@provident/domain/testing';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { type FixedClock, fixedClock } from '@provident/testing';
import { SMTPServer } from 'smtp-server';
import type { DataSource } from 'typeorm';

import { schedulerEntities, schedulerMigrations } from '../state/schema.js';
import { foldNotices } from './fold-notices.js';
import { NoticeSender } from './notice-sender.js';
import { signatureOf, webhookHeaders } from './webhook.js';

const jobId = asJobId('people-to-app');
const secretName = 'NOTICE_SPEC_SECRET';
const secret = 'a shared secret';
const notice: Notice = {
  kind: 'quarantine-entered',
  reason: 'connection',
  message: 'The target does not accept the credentials (401).',
  beganAt: '2026-03-01T08:00:00.000Z',
  nextAttemptAt: '2026-03-01T08:40:00.000Z',
};

interface Received {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

let server: TestDatabase;
let database: DataSource;
let clock: FixedClock;
let definition: JobDefinition;
let said: Said[];
const posts: Received[] = [];
const mails: { to: string[]; text: string }[] = [];
let answers: number[] = [];
let mailIsRefused = false;

const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += String(part)));
  request.on('end', () => {
    posts.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 204).end();
  });
});
const smtp = new SMTPServer({
  authOptional: true,
  hideSTARTTLS: true,
  onData(stream, session, done) {
    let text = '';
    stream.on('data', (part) => (text += String(part)));
    stream.on('end', () => {
      if (mailIsRefused) return done(Object.assign(new Error('mailbox of jane@example.org is full'), { responseCode: 452 }));
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
      done();
    });
  },
});

beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({
    url: server.url,
    schema: 'job_scheduler',
    entities: schedulerEntities,
    migrations: schedulerMigrations,
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  process.env[secretName] = secret;
}, 60_000);
afterAll(async () => {
  delete process.env[secretName];
  hook.close();
  hook.closeAllConnections();
  await new Promise<void>((resolve) => smtp.close(resolve));
  await database?.destroy();
  await server?.drop();
});

const urlOf = (address: AddressInfo, protocol: string): string => `${protocol}://127.0.0.1:${address.port}`;
beforeEach(async () => {
  await database.query('TRUNCATE notice');
  clock = fixedClock('2026-03-01T08:00:01.000Z');
  const webhook = { url: `${urlOf(hook.address() as AddressInfo, 'http')}/hook`, secret: { env: secretName } };
  definition = job({ name: 'Staff to wiki', notify: { email: ['jane@example.org', 'ops@example.org'], webhook } });
  said = [];
  posts.length = 0;
  mails.length = 0;
});
afterEach(() => {
  answers = [];
  mailIsRefused = false;
});

const event = (id = 'c-1.quarantined', at = '2026-03-01T08:00:00.000Z') =>
  ({ id, at, type: 'job-quarantined', sequence: 1, data: {} }) as LogEvent;
const fold = (news: Parameters<typeof foldNotices>[1], events: readonly LogEvent[] = []) =>
  database.transaction((manager) => foldNotices(jobId, news, events, clock.now(), manager));
const happens = (id?: string, at?: string) => fold([{ notice, event: event(id, at), definition }]);

/** As the keeper does it: what is said is in the log, and folded, before the sender goes on. */
const senderOf = () =>
  new NoticeSender({
    jobId,
    database,
    mail: { PROVIDENT_SMTP_URL: urlOf(smtp.server.address() as AddressInfo, 'smtp'), PROVIDENT_SMTP_FROM: 'Provident <p@localhost>' },
    now: () => clock.now(),
    baseDir: () => '/jobs',
    network: networkPolicy('local'),
    definition: () => definition,
    tell: async (word) => {
      said.push(word);
      await fold([], [{ type: word.definition.type, data: word.data } as LogEvent]);
    },
    assertHeld: () => undefined,
  });
async function send(sender = senderOf()): Promise<void> {
  sender.wake();
  sender.kick((error) => {
    throw error;
  });
  await sender.ended();
}
const words = (): string[] =>
  said.map(
    ({ definition: { type }, data }) =>
      `${type} ${(data as DataOf<typeof NoticeSent>).channel} ${(data as DataOf<typeof NoticeSent>).attempts}`,
  );

test('a notice goes out once by mail and once to the webhook, signed, and the log says so', async () => {
  await happens();
  await happens(); // the same event, folded again after a crash
  await send();
  await send();
  expect(words().sort()).toEqual([`${NoticeSent.type} email 1`, `${NoticeSent.type} webhook 1`]);
  expect([mails.length, posts.length]).toEqual([1, 1]);
  const [{ to, text }] = mails as [(typeof mails)[number]];
  expect(to).toEqual(['jane@example.org', 'ops@example.org']);
  expect(text).toContain('Subject: [Provident] Staff to wiki is in quarantine');
  expect(text).toContain('Message-ID: <c-1.quarantined@provident>');
  const [{ headers, body }] = posts as [Received];
  const timestamp = String(headers[webhookHeaders.timestamp]);
  expect(timestamp).toBe(String(Math.floor(clock.now().getTime() / 1_000)));
  expect(headers[webhookHeaders.signature]).toBe(signatureOf(secret, timestamp, body));
  expect(headers[webhookHeaders.id]).toBe('c-1.quarantined');
  expect(JSON.parse(body)).toMatchObject({ id: 'c-1.quarantined', kind: 'quarantine-entered', jobName: 'Staff to wiki' });
  expect(JSON.stringify(said)).not.toMatch(/secret|jane|127\.0\.0\.1/);
});

test('what fails is tried again under the same id, later and later; the other way is not kept waiting', async () => {
  answers = [500, 302, 204];
  await happens();
  const sender = senderOf();
  for (const wait of [0, 5_000, 10_000, 99_000]) {
    clock.advance(wait);
    await send(sender);
  }
  expect(words().filter((word) => word.includes('webhook'))).toEqual([
    `${NoticeFailed.type} webhook 1`,
    `${NoticeFailed.type} webhook 2`,
    `${NoticeSent.type} webhook 3`,
  ]);
  const failures = said.flatMap(({ definition: { type }, data }) =>
    type === NoticeFailed.type ? [(data as DataOf<typeof NoticeFailed>).message] : [],
  );
  expect(failures).toEqual(['the webhook answered 500', 'the webhook answered 302']);
  expect(new Set(posts.map(({ headers }) => headers[webhookHeaders.id]))).toEqual(new Set(['c-1.quarantined']));
  expect(mails).toHaveLength(1);
});

test('a mail server that refuses is told of without the address, and given up after a day', async () => {
  mailIsRefused = true;
  definition = job({ notify: { email: ['jane@example.org'] } });
  await happens();
  await send();
  expect(said[0]!.data).toMatchObject({ message: expect.stringContaining('452 mailbox of … is full'), nextAttemptAt: expect.any(String) });
  clock.advance(24 * 3_600_000);
  await send();
  expect(said[1]!.data).toMatchObject({ attempts: 2, nextAttemptAt: null });
  clock.advance(3_600_000);
  await send();
  expect(said).toHaveLength(2);
});

test.each<[string, Partial<Parameters<typeof job>[0]>, string]>([
  [
    'a secret',
    { notify: { webhook: { url: 'http://127.0.0.1:9/', secret: { env: 'NO_SUCH_SECRET' } } } },
    'the job-scheduler does not have the secret of the webhook: the environment variable NO_SUCH_SECRET',
  ],
  ['an answer', { notify: { webhook: { url: 'http://127.0.0.1:9/', secret: { env: secretName } } } }, 'the webhook could not be reached'],
])('without %s the notice waits, and says why', async (_, parts, message) => {
  definition = job(parts);
  await happens();
  await send();
  expect(said[0]!.data).toMatchObject({ message: expect.stringContaining(message), nextAttemptAt: expect.any(String) });
});

test('nobody is told when the job names nobody, nor of what is long past', async () => {
  await happens('old', '2026-02-01T08:00:00.000Z');
  definition = job();
  await happens();
  await send();
  expect(said).toEqual([]);
});
