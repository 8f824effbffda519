import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { archiveLog, connectBroker, type EventLog, Leases, openNatsLog } from '@provident/bus';
import { retryDue, tell } from '@provident/bus/testing';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import { openAndMigrate } from '@provident/projection';
import { openDatabase } from '@provident/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import type { DataSource } from 'typeorm';

import { forgetStates } from './forget-states.js';
import { believeLog, restore } from './restore.js';

const stream = 'PROVISIONING';
let server: OwnNats;
let connection: NatsConnection;
/** A database of this spec's own: everything that services made is dropped there. */
let database: string;
let readModels: DataSource;
let folder: string;
let log: EventLog;
beforeAll(async () => {
  server = await startOwnNats();
  connection = await connectBroker(server.url, 'spec');
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await server?.stop();
});
beforeEach(async () => {
  database = `restore_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${database}`);
  readModels = await openAndMigrate({ url: databaseUrl(), poolSize: 1 });
  folder = mkdtempSync(join(tmpdir(), 'provident-restore-'));
  log = await openNatsLog(connection);
}, 60_000);
afterEach(async () => {
  await readModels.destroy();
  await onServer(`drop database ${database} with (force)`);
  rmSync(folder, { recursive: true });
  await (await jetstreamManager(connection)).streams.delete(stream).catch(() => undefined); // where nothing was restored there is none
});

const testServer = (): string => {
  const url = process.env['PROVIDENT_TEST_DATABASE_URL'];
  if (!url) throw new Error('PROVIDENT_TEST_DATABASE_URL is not set: run these specs with `npm test`, which starts a server');
  return url;
};

function databaseUrl(): string {
  const url = new URL(testServer());
  url.pathname = database;
  return url.href;
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServer() });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function backup(): Promise<string> {
  const lines: string[] = [];
  const options = { stream, madeAt: '2026-03-01T08:00:00.000Z', signal: new AbortController().signal };
  for await (const line of archiveLog(connection, options)) lines.push(line);
  const file = join(folder, 'backup.gz');
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
  return file;
}
const options = (file: string) => ({ file, natsUrl: server.url, databaseUrl: databaseUrl(), stream });
const schemas = async (): Promise<string[]> =>
  (await readModels.query('select nspname as name from pg_namespace')).map(({ name }: { name: string }) => name);

test('brings the events back, and lets services forget what they made of others', async () => {
  await tell(log, retryDue('a'), retryDue('b'));
  const file = await backup();
  await (await jetstreamManager(connection)).streams.delete(stream);
  const own = await openDatabase({ url: databaseUrl(), schema: 'some_service', entities: [], migrations: [] });
  await own.query('create schema if not exists somebody_elses');
  try {
    expect(await restore(options(file))).toMatch(/^2 events as of 2026-03-01T08:00:00.000Z are back; .*some_service.*is made anew$/);
    expect(await schemas()).not.toEqual(expect.arrayContaining(['some_service']));
    expect(await schemas()).not.toEqual(expect.arrayContaining(['read_model']));
    expect(await schemas()).toEqual(expect.arrayContaining(['somebody_elses']));
    expect(await (await openNatsLog(connection)).extent()).toEqual({ first: 1, last: 2, events: 2 });
  } finally {
    await own.query('drop schema somebody_elses');
    await own.destroy();
  }
});

test('changes nothing where there are events', async () => {
  await tell(log, retryDue('a'));
  const file = await backup();
  await expect(restore(options(file))).rejects.toThrow(/there is a log already/);
  expect(await schemas()).toEqual(expect.arrayContaining(['read_model']));
});

test('a log that went back is believed when somebody says so: what services made of it is dropped, and nothing of it is', async () => {
  await tell(log, retryDue('a'), retryDue('b'));
  const { file: _none, ...servers } = options('');
  expect(await believeLog(servers)).toMatch(/^The log that is there, with 2 events, is the truth now; .*read_model.*is made anew from it$/);
  expect(await schemas()).not.toEqual(expect.arrayContaining(['read_model']));
  expect(await (await openNatsLog(connection)).extent()).toEqual({ first: 1, last: 2, events: 2 });
});

test('without a log there is nothing to believe', async () => {
  await (await jetstreamManager(connection)).streams.delete(stream);
  const { file: _none, ...servers } = options('');
  await expect(believeLog(servers)).rejects.toThrow(/no log to go by/);
  expect(await schemas()).toEqual(expect.arrayContaining(['read_model']));
});

test('changes nothing while services run', async () => {
  const file = await backup();
  const leases = await Leases.join(connection, 'importer', 'importer-1');
  try {
    await expect(restore(options(file))).rejects.toThrow(/services are running.*importer-1/);
    expect(await schemas()).toEqual(expect.arrayContaining(['read_model']));
  } finally {
    await leases.leave();
  }
});

test.each<[string, string | Buffer, RegExp]>([
  ['a file that is not compressed', 'id,name\n1,Jane\n', /other\.gz is no backup, or damaged/],
  ['a compressed file of something else', gzipSync('id,name\n1,Jane\n'), /no archive/],
  ['an empty file', '', /other\.gz ends too early/],
])('refuses %s in a sentence', async (_, content, sentence) => {
  const file = join(folder, 'other.gz');
  writeFileSync(file, content);
  await expect(restore(options(file))).rejects.toThrow(sentence);
});

test('refuses half a backup in a sentence, and leaves no half of a log behind', async () => {
  await tell(log, ...Array.from({ length: 200 }, (_, at) => retryDue(`a${at}`)));
  const file = await backup();
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length / 2));
  await (await jetstreamManager(connection)).streams.delete(stream);
  await expect(restore(options(file))).rejects.toThrow(/backup\.gz ends too early/);
  expect(await (await jetstreamManager(connection)).streams.names().next()).not.toContain(stream);
});

test('refuses a file that is not there in a sentence', async () => {
  await expect(restore(options(join(folder, 'nobody.gz')))).rejects.toThrow(/^there is no file .*nobody\.gz$/);
});

test('what is forgotten is said once', async () => {
  expect(await forgetStates(databaseUrl())).toEqual(expect.arrayContaining(['read_model']));
  expect(await forgetStates(databaseUrl())).not.toEqual(expect.arrayContaining(['read_model']));
});
