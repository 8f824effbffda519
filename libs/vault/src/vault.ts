import { randomBytes, randomUUID } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';

import { dumpVault } from './dump.js';
import type { KeyRing } from './keys/key-ring.js';
import type { MasterKey } from './keys/master-key.js';
import { PersonKeys } from './people/person-keys.js';
import { BrokenSeal, keyBytes, seal, unseal } from './seal.js';
import { SecretUnavailable, VaultUnusable } from './vault-error.js';

/** What may be told of a secret: never its value. */
export interface SecretFacts {
  readonly name: string;
  /** UTC, ISO 8601. */
  readonly setAt: string;
  readonly setBy: string;
}

/** What a rotation has done. */
export interface Rotation {
  /** Master key that everything is under now. */
  readonly masterKey: string;
  /** Data keys that were brought under it. */
  readonly rewrapped: number;
}

/** What the vault holds, in numbers. */
export interface VaultFacts {
  /** Master key that everything new is sealed under; null before the first use. */
  readonly masterKey: string | null;
  /** Data keys under each master key. */
  readonly dataKeys: readonly { readonly masterKey: string; readonly count: number }[];
}

/** Whoever reads secrets by name. */
export interface SecretReader {
  /** @throws SecretUnavailable */
  readSecret(name: string): Promise<string>;
}

interface SealedRow {
  readonly id: string;
  readonly master_key: string;
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
}

const keyContext = (id: string): string => `provident data key ${id}`;
const secretContext = (name: string): string => `provident secret ${name}`;
const rotationLock = 'provident vault rotate';
const rewrapAtOnce = 500;

/** Values sealed under data keys, which are wrapped under a master key that the database never sees. */
export class Vault implements SecretReader {
  private constructor(
    private readonly database: DataSource,
    private readonly ring: KeyRing,
  ) {}

  /**
   * @param database opened on the vault's schema, which it owns from now on
   * @throws VaultUnusable when something is sealed that the ring cannot open
   */
  static async open(database: DataSource, ring: KeyRing): Promise<Vault> {
    const vault = new Vault(database, ring);
    const [row] = await database.query<SealedRow[]>('SELECT id, master_key, wrapped FROM data_key ORDER BY made_at DESC LIMIT 1');
    if (row) await vault.unwrapped(row);
    return vault;
  }

  /** Whether something was sealed here before. @param database opened on the vault's schema */
  static async isInUse(database: DataSource): Promise<boolean> {
    return (await database.query<unknown[]>('SELECT FROM ring')).length > 0;
  }

  close(): Promise<void> {
    return this.database.destroy();
  }

  /** Everything in the vault, sealed as it is, as lines of JSON. @param madeAt UTC, ISO 8601 */
  dump(madeAt: string): AsyncGenerator<string> {
    return dumpVault(this.database, madeAt);
  }

  /** Keys of people, one for each in each job. */
  people(): PersonKeys {
    return new PersonKeys(this.database, (make) => this.personRoot(make));
  }

  /** The key that wraps theirs; null when there is none and none is to be made. */
  private async personRoot(make: boolean): Promise<Buffer | null> {
    const find = (manager: EntityManager): Promise<SealedRow[]> =>
      manager.query('SELECT id, master_key, wrapped FROM person_root JOIN data_key ON data_key.id = person_root.data_key');
    const [known] = await find(this.database.manager);
    if (known) return this.unwrapped(known);
    if (!make) return null;
    return this.database.transaction(async (manager) => {
      await manager.query('SET LOCAL synchronous_commit = on');
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', ['provident person root']);
      const [other] = await find(manager);
      if (other) return this.unwrapped(other);
      const { id, key } = await this.newDataKey(manager);
      await manager.query('INSERT INTO person_root (data_key) VALUES ($1)', [id]);
      return key;
    });
  }

  /**
   * @param tell makes it known, with whether another value was there; what fails there leaves the secret as it was
   * @throws VaultUnusable
   */
  async setSecret(
    name: string,
    value: string,
    { at, by }: { at: Date; by: string },
    tell: (replaced: boolean) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [secretContext(name)]);
      const [before] = await manager.query<{ data_key: string }[]>('SELECT data_key FROM secret WHERE name = $1', [name]);
      const { id, key } = await this.newDataKey(manager);
      await manager.query(
        `INSERT INTO secret (name, data_key, sealed, set_at, set_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET data_key = excluded.data_key, sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by`,
        [name, id, seal(key, Buffer.from(value, 'utf8'), secretContext(name)), at, by],
      );
      if (before) await manager.query('DELETE FROM data_key WHERE id = $1', [before.data_key]);
      await tell(before !== undefined);
    });
  }

  /** @returns false when there was none, and then nothing is told */
  async deleteSecret(name: string, tell: () => Promise<void>): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const [rows] = await manager.query<[{ data_key: string }[], number]>('DELETE FROM secret WHERE name = $1 RETURNING data_key', [name]);
      const [gone] = rows;
      if (!gone) return false;
      await manager.query('DELETE FROM data_key WHERE id = $1', [gone.data_key]);
      await tell();
      return true;
    });
  }

  async listSecrets(): Promise<SecretFacts[]> {
    const rows = await this.database.query<{ name: string; set_at: Date; set_by: string }[]>(
      'SELECT name, set_at, set_by FROM secret ORDER BY name',
    );
    return rows.map(({ name, set_at: setAt, set_by: setBy }) => ({ name, setAt: setAt.toISOString(), setBy }));
  }

  async readSecret(name: string): Promise<string> {
    try {
      const row = await this.find(name);
      if (row) return await this.valueOf(name, row);
    } catch (cause) {
      throw new SecretUnavailable('secret-unreadable', `the secret "${name}" cannot be read from the vault: ${wordsOf(cause)}`, { cause });
    }
    throw new SecretUnavailable('secret-missing', `there is no secret "${name}" in the vault: set it with "provident secret set ${name}"`);
  }

  async facts(): Promise<VaultFacts> {
    const dataKeys = await this.database.query<{ masterKey: string; count: number }[]>(
      'SELECT master_key AS "masterKey", count(*)::integer AS count FROM data_key GROUP BY 1 ORDER BY 1',
    );
    return { masterKey: await this.currentId(this.database.manager), dataKeys };
  }

  /**
   * Brings every data key under the ring's newest master key, which is made anew where the ring may make it. Broken off at any point, it goes on where
   * it was when it is called again. When it has returned, no other master key is needed any more.
   * @throws VaultUnusable
   */
  async rotate(): Promise<Rotation> {
    const turn = this.database.createQueryRunner();
    const [{ taken }] = (await turn.query('SELECT pg_try_advisory_lock(hashtext($1)) AS taken', [rotationLock])) as [{ taken: boolean }];
    try {
      if (!taken) throw new VaultUnusable('another rotation is under way: wait for it');
      return await this.rotateAll();
    } finally {
      if (taken) await turn.query('SELECT pg_advisory_unlock(hashtext($1))', [rotationLock]);
      await turn.release();
    }
  }

  private async rotateAll(): Promise<Rotation> {
    await this.ring.reload();
    const before = await this.currentId(this.database.manager);
    if (this.ring.makesKeys) await this.ring.makeKey(before ?? '');
    const { newest } = this.ring;
    // From here on nobody seals under the old one: whoever is about to has locked the row, and is waited for.
    await this.database.query(
      'INSERT INTO ring (master_key) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET master_key = excluded.master_key',
      [newest.id],
    );
    let rewrapped = 0;
    for (let count = -1; count !== 0; rewrapped += count) count = await this.rewrapSome(newest);
    if (this.ring.makesKeys) await this.ring.keepOnly(newest.id);
    return { masterKey: newest.id, rewrapped };
  }

  private rewrapSome(to: MasterKey): Promise<number> {
    return this.database.transaction(async (manager) => {
      const rows = await manager.query<SealedRow[]>(
        'SELECT id, master_key, wrapped FROM data_key WHERE master_key <> $1 ORDER BY master_key, id LIMIT $2 FOR UPDATE',
        [to.id, rewrapAtOnce],
      );
      const from = rows[0]?.master_key;
      const same = rows.filter((row) => row.master_key === from);
      if (from === undefined) return 0;
      const old = await this.ring.get(from);
      const keys = await old.unwrap(same.map(({ id, wrapped }) => ({ bytes: wrapped, context: keyContext(id) })));
      const wrapped = await to.wrap(keys.map((bytes, at) => ({ bytes, context: keyContext(same[at]!.id) })));
      await manager.query(
        `UPDATE data_key SET master_key = $1, wrapped = part.wrapped
         FROM unnest($2::uuid[], $3::bytea[]) AS part (id, wrapped) WHERE data_key.id = part.id`,
        [to.id, same.map(({ id }) => id), wrapped],
      );
      return same.length;
    });
  }

  private async newDataKey(manager: EntityManager): Promise<{ id: string; key: Buffer }> {
    const master = await this.currentMaster(manager);
    const id = randomUUID();
    const key = randomBytes(keyBytes);
    const [wrapped] = await master.wrap([{ bytes: key, context: keyContext(id) }]);
    await manager.query('INSERT INTO data_key (id, master_key, wrapped) VALUES ($1, $2, $3)', [id, master.id, wrapped]);
    return { id, key };
  }

  /** The key to seal under until the transaction ends: a rotation waits for it. */
  private async currentMaster(manager: EntityManager): Promise<MasterKey> {
    if ((await this.currentId(manager)) === null)
      await manager.query('INSERT INTO ring (master_key) VALUES ($1) ON CONFLICT DO NOTHING', [this.ring.newest.id]);
    const [{ master_key: id }] = await manager.query<[{ master_key: string }]>('SELECT master_key FROM ring FOR SHARE');
    return this.ring.get(id);
  }

  private async currentId(manager: EntityManager): Promise<string | null> {
    const [row] = await manager.query<{ master_key: string }[]>('SELECT master_key FROM ring');
    return row?.master_key ?? null;
  }

  private async find(name: string): Promise<SealedRow | undefined> {
    const [row] = await this.database.query<SealedRow[]>(
      'SELECT id, master_key, wrapped, sealed FROM secret JOIN data_key ON data_key.id = secret.data_key WHERE name = $1',
      [name],
    );
    return row;
  }

  private async valueOf(name: string, row: SealedRow): Promise<string> {
    return unseal(await this.unwrapped(row), row.sealed, secretContext(name)).toString('utf8');
  }

  private async unwrapped({ id, master_key: masterKey, wrapped }: SealedRow): Promise<Buffer> {
    const master = await this.ring.get(masterKey);
    const [key] = await master.unwrap([{ bytes: wrapped, context: keyContext(id) }]).catch((cause: unknown) => {
      if (!(cause instanceof BrokenSeal)) throw cause;
      throw new VaultUnusable(`data key ${id} of the vault does not open under master key ${masterKey}: the vault's tables are damaged`, {
        cause,
      });
    });
    return key!;
  }
}

/** Words of our own alone: a driver's might repeat what it was given. */
const wordsOf = (error: unknown): string =>
  error instanceof VaultUnusable || error instanceof BrokenSeal ? error.message : 'the database does not answer as it should';
