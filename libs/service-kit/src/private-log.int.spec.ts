import { randomBytes } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { EventLog, NewEvent } from '@provident/bus';
import { MemoryLog, aJob, newEvent, objectFacts } from '@provident/bus/testing';
import { type LogEvent, SourceObjectImported, subjectOf } from '@provident/contracts';
import { type JobDefinition, sealedMark } from '@provident/domain';
import { job } from '@provident/domain/testing';
import { testDatabase } from '@provident/embedded/testing';
import { type PersonKeys, type Vault, VaultUnusable, restoreVault, vaultMigrations, vaultSchema } from '@provident/vault';
import pg from 'pg';

import { openDatabase } from './database.js';
import { openVault } from './open-vault.js';
import { privateLog } from './private-log.js';

const canary = 'canary-1c7e';
const masterKey = randomBytes(32).toString('base64');
const at = new Date('2026-03-01T08:00:00.000Z');
const by = { kind: 'user', name: 'sam' } as const;
const subject = subjectOf(aJob, '0', 'importer');

let server: Awaited<ReturnType<typeof testDatabase>>;
let sql: pg.Client;
const vaults: Vault[] = [];

beforeAll(async () => {
  server = await testDatabase();
  sql = new pg.Client({ connectionString: server.url });
  await sql.connect();
}, 60_000);
afterAll(async () => {
  await sql?.end();
  await server?.drop();
});

async function openKeys(): Promise<PersonKeys> {
  const vault = await openVault({
    DATABASE_URL: server.url,
    PROVIDENT_KMS_KEY: 'people',
    PROVIDENT_MASTER_KEY: masterKey,
    PROVIDENT_MASTER_KEY_FILE_MANAGED: 'false',
  });
  vaults.push(vault);
  return vault.people();
}

let log: MemoryLog;
let keys: PersonKeys;
let definition: JobDefinition;
beforeEach(async () => {
  log = new MemoryLog();
  keys = await openKeys();
  definition = { ...job(), privacy: { seal: 'all' } };
});
afterEach(async () => {
  await Promise.all(vaults.splice(0).map((vault) => vault.close()));
  await sql.query('DROP SCHEMA IF EXISTS vault CASCADE');
});

const rules = { find: () => ({ rules: 1, configured: { definition } }), rulesAt: async () => ({ definition }) };
const asService = (by = keys): EventLog => privateLog(log, rules, by);
const imported = (anchor: string, name: string): NewEvent =>
  newEvent(
    SourceObjectImported,
    {
      ...objectFacts(anchor),
      displayName: name,
      sourceId: anchor,
      change: 'added',
      attributes: { name, level: 7 },
      targetFollows: false,
    },
    { stage: 'importer' },
  );
const append = async (service: EventLog, events: readonly NewEvent[]): Promise<void> => {
  const last = (await log.findLast(subject))?.sequence ?? 0;
  await service.append(events, new Map([[subject, last]]));
};
const stored = (): string => JSON.stringify(log.events.map(({ data }) => data));
const attributesIn = (event: LogEvent | null): unknown => (event!.data as { attributes: unknown }).attributes;
const erase = (anchor: string, from = keys) => from.erase({ jobId: aJob, objectKey: `user:${anchor}` }, { why: null, by, at });

test('values are sealed in the log, and opened for another service', async () => {
  await append(asService(), [imported('1', canary)]);
  expect(stored()).not.toContain(canary);
  expect(stored()).toContain(sealedMark);
  const other = asService(await openKeys());
  expect(attributesIn(await other.findLast(subject))).toEqual({ name: canary, level: 7 });
});

test('a job that seals nothing is passed on untouched, and needs no key', async () => {
  definition = job();
  await append(asService(), [imported('1', canary)]);
  expect(stored()).toContain(canary);
  expect((await sql.query('SELECT FROM vault.person_key')).rowCount).toBe(0);
});

test('rules that are newer than those that go round already seal what was made by them', async () => {
  const late = { find: () => ({ rules: 0, configured: { definition: job() } }), rulesAt: async () => ({ definition }) };
  await append(privateLog(log, late, keys), [imported('1', canary)]);
  expect(stored()).not.toContain(canary);
});

test('once a key is destroyed, its person reads as erased, everywhere; others do not', async () => {
  const elsewhere = await openKeys();
  const service = asService(elsewhere);
  await append(service, [imported('1', canary), imported('2', 'Tom')]);
  const { keyIds } = await erase('1');
  elsewhere.forget(keyIds);
  const [one, two] = await Promise.all([service.find(1), service.find(2)]);
  expect(one!.isErased).toBe(true);
  expect(attributesIn(one)).toEqual({ name: '(erased)', level: '(erased)' });
  expect(attributesIn(two)).toEqual({ name: 'Tom', level: 7 });
  expect(two!.isErased).toBeUndefined();
  expect((await sql.query('SELECT FROM vault.person_name WHERE object_key = $1', ['user:1'])).rowCount).toBe(0);
});

test('who comes back gets a key of their own; what was erased stays so', async () => {
  const service = asService();
  await append(service, [imported('1', canary)]);
  await erase('1');
  await append(service, [imported('1', 'Rita anew')]);
  expect(attributesIn(await service.find(1))).toMatchObject({ name: '(erased)' });
  expect(attributesIn(await service.find(2))).toMatchObject({ name: 'Rita anew' });
});

test('erased twice is erased; what the log was not told of waits', async () => {
  await append(asService(), [imported('1', canary)]);
  const first = await erase('1');
  const again = await erase('1');
  expect(again.keyIds).toEqual(first.keyIds);
  expect((await keys.untold()).map(({ id }) => id).sort()).toEqual([first.id, again.id].sort());
  for (const { id } of await keys.untold()) await keys.told(id);
  expect(await keys.untold()).toEqual([]);
});

test('a key that an older state of the tables brings back is destroyed again', async () => {
  await append(asService(), [imported('1', canary)]);
  const { rows } = await sql.query('SELECT * FROM vault.person_key');
  const { keyIds } = await erase('1');
  await sql.query('UPDATE vault.person_key SET wrapped = $1, erased_at = NULL', [rows[0]!.wrapped]);
  const fresh = await openKeys();
  expect(attributesIn(await asService(fresh).find(1))).toMatchObject({ name: canary });
  expect(await fresh.destroyAgain(keyIds, at)).toBe(1);
  expect(attributesIn(await asService(fresh).find(1))).toMatchObject({ name: '(erased)' });
});

test('people are found by their sealed names, exactly', async () => {
  await append(asService(), [imported('1', 'Rita Mahoney')]);
  const found = async (name: string) => (await keys.findByName(name)).map(({ objectKey }) => objectKey);
  expect(await found('rita mahoney')).toEqual(['user:1']);
  expect(await found('mahoney')).toEqual(['user:1']);
  expect(await found('maho')).toEqual([]);
});

test('two processes that see a person first at the same time seal with one key', async () => {
  const [one, other] = [keys, await openKeys()];
  const people = Array.from({ length: 50 }, (_, at) => ({ jobId: aJob, objectKey: `user:${at}` }));
  const [first, second] = await Promise.all([one.forSealing(people), other.forSealing([...people].reverse())]);
  for (const [person, key] of first) expect(second.get(person)!.id).toBe(key.id);
});

test('the master key is rotated under the keys of people without touching them', async () => {
  await append(asService(), [imported('1', canary)]);
  const before = await sql.query('SELECT id, wrapped FROM vault.person_key');
  const [vault] = vaults;
  await vault!.rotate();
  expect((await sql.query('SELECT id, wrapped FROM vault.person_key')).rows).toEqual(before.rows);
});

async function dumped(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of vaults[0]!.dump(at.toISOString())) lines.push(line);
  return lines;
}
const emptied = async () => {
  await Promise.all(vaults.splice(0).map((vault) => vault.close()));
  await sql.query('DROP SCHEMA vault CASCADE');
  return openDatabase({
    url: server.url,
    schema: vaultSchema,
    entities: [],
    migrations: vaultMigrations,
    isMadeFromLog: false,
    poolSize: 2,
  });
};
async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

test('a dump of the vault holds nothing readable, and opens the log again elsewhere under the same master key', async () => {
  await append(asService(), [imported('1', canary), imported('2', 'Tom')]);
  await vaults[0]!.setSecret('app', canary, { at, by: 'sam' }, async () => undefined);
  await erase('2');
  const lines = await dumped();
  expect(lines.join('\n')).not.toContain(canary);
  const database = await emptied();
  await restoreVault(database, each(lines));
  await database.destroy();
  const service = asService(await openKeys());
  expect(attributesIn(await service.find(1))).toMatchObject({ name: canary });
  expect(attributesIn(await service.find(2))).toMatchObject({ name: '(erased)' });
  expect(await vaults.at(-1)!.readSecret('app')).toBe(canary);
});

test('a dump that was changed or breaks off changes nothing, and none is put over a vault in use', async () => {
  await append(asService(), [imported('1', canary)]);
  const lines = await dumped();
  const database = await emptied();
  try {
    const broken = [lines.slice(0, -1), lines.filter((_, line) => line !== 1), ['{}'], [...lines, '[]'], ['no json']];
    for (const other of broken) await expect(restoreVault(database, each(other))).rejects.toThrow(VaultUnusable);
    expect((await sql.query('SELECT FROM vault.person_key')).rowCount).toBe(0);
    await restoreVault(database, each(lines));
    await expect(restoreVault(database, each(lines))).rejects.toThrow(/in the vault already/);
  } finally {
    await database.destroy();
  }
});
