import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase } from '@provident/embedded/testing';
import { type TempFolder, tempFolder } from '@provident/testing';
import type { Vault } from '@provident/vault';
import { type FakeKms, startFakeKms } from '@provident/vault/testing';
import pg from 'pg';

import { openVault } from './open-vault.js';

type Settings = Omit<Parameters<typeof openVault>[0], 'DATABASE_URL' | 'PROVIDENT_KMS_KEY' | 'PROVIDENT_MASTER_KEY_FILE_MANAGED'> & {
  readonly managed?: boolean;
};

const canary = 'canary-9a41b7d05e';
const at = new Date('2026-03-01T08:00:00.000Z');
const quietly = async (): Promise<void> => undefined;
let server: Awaited<ReturnType<typeof testDatabase>>;
let sql: pg.Client;
let folder: TempFolder;
let vaults: Vault[] = [];

beforeAll(async () => {
  server = await testDatabase();
  sql = new pg.Client({ connectionString: server.url });
  await sql.connect();
}, 60_000);
afterAll(async () => {
  await sql?.end();
  await server?.drop();
});
beforeEach(async () => {
  folder = await tempFolder('vault');
});
afterEach(async () => {
  await Promise.all(vaults.splice(0).map((vault) => vault.close()));
  await sql.query('DROP SCHEMA IF EXISTS vault CASCADE');
  await folder.remove();
});

async function open({ managed = false, ...settings }: Settings = {}): Promise<Vault> {
  const vault = await openVault({
    DATABASE_URL: server.url,
    PROVIDENT_KMS_KEY: 'people',
    PROVIDENT_MASTER_KEY_FILE_MANAGED: managed ? 'true' : 'false',
    ...settings,
  });
  vaults.push(vault);
  return vault;
}
const newKey = (): string => randomBytes(32).toString('base64');
const file = (): string => join(folder.path, 'master.key');
const ours = (): Promise<Vault> => open({ PROVIDENT_MASTER_KEY_FILE: file(), managed: true });
const set = (vault: Vault, name: string, value = canary): Promise<void> => vault.setSecret(name, value, { at, by: 'local' }, quietly);

/** Every row of every table of the vault, as a dump has them. */
async function dump(): Promise<string> {
  let text = '';
  for (const table of ['ring', 'data_key', 'secret']) {
    const { rows } = await sql.query<{ row: string }>(`SELECT ${table}::text AS row FROM vault.${table} ORDER BY 1`);
    text += rows.map(({ row }) => `${row}\n`).join('');
  }
  return text;
}
const dataKeys = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await sql.query('SELECT master_key, count(*)::integer AS count FROM vault.data_key GROUP BY 1')).rows.map(
      (row: { master_key: string; count: number }) => [row.master_key, row.count],
    ),
  );

describe('a secret', () => {
  test('is read by whoever has the master key, and stands in no table', async () => {
    const vault = await ours();
    await set(vault, 'slack-token');
    await set(vault, 'wiki', 'another\nvalue – ü');
    expect(await (await ours()).readSecret('slack-token')).toBe(canary);
    expect(await vault.readSecret('wiki')).toBe('another\nvalue – ü');
    expect(await vault.listSecrets()).toEqual([
      { name: 'slack-token', setAt: at.toISOString(), setBy: 'local' },
      { name: 'wiki', setAt: at.toISOString(), setBy: 'local' },
    ]);
    const rows = await dump();
    for (const form of [canary, Buffer.from(canary).toString('hex'), Buffer.from(canary).toString('base64')])
      expect(rows).not.toContain(form);
  });

  test('that is set anew or deleted leaves no key behind', async () => {
    const vault = await ours();
    await set(vault, 'a', 'one');
    await set(vault, 'a', 'two');
    await set(vault, 'b');
    expect(await vault.readSecret('a')).toBe('two');
    expect(Object.values(await dataKeys())).toEqual([2]);
    expect(await vault.deleteSecret('a', quietly)).toBe(true);
    expect(await vault.deleteSecret('a', quietly)).toBe(false);
    expect(Object.values(await dataKeys())).toEqual([1]);
    await expect(vault.readSecret('a')).rejects.toMatchObject({
      code: 'secret-missing',
      message: 'there is no secret "a" in the vault: set it with "provident secret set a"',
    });
  });

  test('whose change cannot be put on record stays as it was', async () => {
    const vault = await ours();
    await set(vault, 'a', 'one');
    const unheard = async (): Promise<void> => {
      throw new Error('the log is away');
    };
    await expect(vault.setSecret('a', 'two', { at, by: 'local' }, unheard)).rejects.toThrow('the log is away');
    await expect(vault.deleteSecret('a', unheard)).rejects.toThrow('the log is away');
    expect(await vault.readSecret('a')).toBe('one');
    expect(Object.values(await dataKeys())).toEqual([1]);
  });

  test('that several set at once has one of the values', async () => {
    const vault = await ours();
    const other = await ours();
    await Promise.all([set(vault, 'a', 'one'), set(other, 'a', 'two'), set(vault, 'a', 'three')]);
    expect(['one', 'two', 'three']).toContain(await vault.readSecret('a'));
    expect(Object.values(await dataKeys())).toEqual([1]);
  });

  test('cannot stand in for another, and a damaged one is not taken for a value', async () => {
    const vault = await ours();
    await set(vault, 'a', 'one');
    await set(vault, 'b', 'two');
    await sql.query(`UPDATE vault.secret SET sealed = other.sealed, data_key = other.data_key FROM vault.secret other
                     WHERE vault.secret.name = 'a' AND other.name = 'b'`);
    await expect(vault.readSecret('a')).rejects.toMatchObject({
      code: 'secret-unreadable',
      message: expect.stringContaining('seal is broken'),
    });
  });
});

describe('the master key', () => {
  test('that is another, or is missing, is said at the start in one line with the remedy', async () => {
    const key = newKey();
    await set(await open({ PROVIDENT_MASTER_KEY: key }), 'a');
    await expect(open({ PROVIDENT_MASTER_KEY: newKey() })).rejects.toThrow(
      /sealed under master key \w+, and the given one is \w+: put back the key/,
    );
    await expect(open()).rejects.toThrow(/no master key is given: set PROVIDENT_MASTER_KEY_FILE/);
    await expect(open({ PROVIDENT_MASTER_KEY: 'hunter2' })).rejects.toThrow(/PROVIDENT_MASTER_KEY holds no master key/);
    expect(await (await open({ PROVIDENT_MASTER_KEY: `${newKey()},${key}` })).readSecret('a')).toBe(canary);
  });

  test('whose file is lost is not made anew where something is sealed under it', async () => {
    await set(await ours(), 'a');
    const kept = await readFile(file(), 'utf8');
    await rm(file());
    await expect(ours()).rejects.toThrow(`the master key file ${file()} cannot be read (ENOENT): put it back`);
    await expect(readFile(file())).rejects.toThrow('ENOENT');
    await writeFile(file(), kept);
    expect(await (await ours()).readSecret('a')).toBe(canary);
  });

  test('is not needed before there is something to seal, and then its lack is said', async () => {
    const vault = await open();
    expect(await vault.listSecrets()).toEqual([]);
    expect(await vault.facts()).toEqual({ masterKey: null, dataKeys: [] });
    await expect(set(vault, 'a')).rejects.toThrow(/there is no master key: set/);
    expect(await vault.listSecrets()).toEqual([]);
  });

  test('in the environment is taken out of it', async () => {
    process.env['PROVIDENT_MASTER_KEY'] = newKey();
    await open({ PROVIDENT_MASTER_KEY: process.env['PROVIDENT_MASTER_KEY'] });
    expect(process.env['PROVIDENT_MASTER_KEY']).toBeUndefined();
  });
});

describe('a rotation', () => {
  test('brings everything under a new key, while others read and write, and the old key opens nothing any more', async () => {
    const vault = await ours();
    for (let count = 0; count < 20; count++) await set(vault, `s${count}`, `value ${count}`);
    const old = await readFile(file(), 'utf8');
    const other = await ours();
    const [{ masterKey, rewrapped }] = await Promise.all([
      vault.rotate(),
      ...Array.from({ length: 10 }, (_, count) => set(other, `t${count}`)),
      ...Array.from({ length: 10 }, async (_, count) => expect(await other.readSecret(`s${count}`)).toBe(`value ${count}`)),
    ]);
    expect(rewrapped).toBeGreaterThanOrEqual(20);
    expect(await dataKeys()).toEqual({ [masterKey]: 30 });
    expect(await other.readSecret('s7')).toBe('value 7');
    await set(other, 'after');
    expect(await (await ours()).readSecret('after')).toBe(canary);
    await writeFile(file(), old);
    await expect(ours()).rejects.toThrow(new RegExp(`sealed under master key ${masterKey}`));
  });

  test('that is broken off anywhere goes on, and all is readable in between', async () => {
    const kms: FakeKms = await startFakeKms();
    try {
      const key = newKey();
      const before = await open({ PROVIDENT_MASTER_KEY: key });
      for (let count = 0; count < 3; count++) await set(before, `s${count}`, `value ${count}`);
      await sql.query(
        `INSERT INTO vault.data_key (id, master_key, wrapped) SELECT gen_random_uuid(), 'gone', '\\x00' FROM generate_series(1, 3)`,
      );
      const both = { PROVIDENT_MASTER_KEY: key, PROVIDENT_KMS_URL: kms.url };
      // Keys that nothing opens break it off behind those that could be brought over.
      await sql.query(`UPDATE vault.data_key SET made_at = now() - interval '1 day' WHERE master_key = 'gone'`);
      await expect((await open(both)).rotate()).rejects.toThrow(/sealed under master key gone/);
      expect(await dataKeys()).toMatchObject({ 'kms:people': 3, gone: 3 });
      await sql.query(`DELETE FROM vault.data_key WHERE master_key = 'gone'`);
      const after = await open(both);
      for (let count = 0; count < 3; count++) expect(await after.readSecret(`s${count}`)).toBe(`value ${count}`);
      await set(after, 'new');
      expect(await after.rotate()).toEqual({ masterKey: 'kms:people', rewrapped: 0 });
      expect(await dataKeys()).toEqual({ 'kms:people': 4 });
      const without = await open({ PROVIDENT_KMS_URL: kms.url });
      expect(await without.readSecret('s2')).toBe('value 2');
    } finally {
      await kms.close();
    }
  });

  test('that was killed between its new key and the first re-wrapped one makes no second new key', async () => {
    const vault = await ours();
    await set(vault, 'a');
    const waiting = newKey();
    await writeFile(file(), `${waiting}\n${await readFile(file(), 'utf8')}`);
    expect(await (await ours()).readSecret('a')).toBe(canary);
    const { rewrapped } = await vault.rotate();
    expect(rewrapped).toBe(1);
    expect((await readFile(file(), 'utf8')).split('\n').filter((line) => /^[^#]/.test(line))).toEqual([waiting]);
  });

  test('takes turns with another', async () => {
    const vault = await ours();
    await set(vault, 'a');
    const turn = new pg.Client({ connectionString: server.url });
    await turn.connect();
    await turn.query(`SELECT pg_advisory_lock(hashtext('provident vault rotate'))`);
    await expect(vault.rotate()).rejects.toThrow(/another rotation is under way/);
    await turn.end();
    expect((await vault.rotate()).rewrapped).toBe(1);
  });
});
