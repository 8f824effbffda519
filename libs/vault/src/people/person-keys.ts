import { createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';

import { keyBytes, seal, unseal } from '../seal.js';
import { PersonKey } from './person-key.js';

/** A person in one job. */
export interface PersonRef {
  readonly jobId: string;
  readonly objectKey: string;
}

/** Why values of theirs cannot be opened: the key was destroyed, or is not there although nobody destroyed it. */
export type NoKey = 'erased' | 'lost';

/** That a person was erased: what the log is told. */
export interface Erasure extends PersonRef {
  readonly id: string;
  readonly keyIds: readonly string[];
  readonly why: string | null;
  /** UTC, ISO 8601. */
  readonly requestedAt: string;
  readonly by: { readonly kind: 'user' | 'application' | 'system'; readonly name: string };
}

interface KeyRow {
  readonly id: string;
  readonly job_id: string;
  readonly object_key: string;
  readonly wrapped: Buffer | null;
}

/** In memory of each process, some hundred bytes each. */
const remembered = 20_000;
/** What another process destroyed is gone from here by then, even if nobody said so. */
const rememberedForMs = 300_000;
const idBytes = 12;

const keyContext = (id: string): string => `provident person ${id}`;
export const personOf = ({ jobId, objectKey }: PersonRef): string => `${jobId}\n${objectKey}`;

/**
 * The keys of people. Each is made at first sight of its person and destroyed when they are erased; nothing that was sealed with it can be read from then
 * on. An id is never used again: whoever comes back gets another key.
 */
export class PersonKeys {
  private root: Promise<Buffer | null> | null = null;
  private byPerson = new Map<string, PersonKey>();
  private byId = new Map<string, PersonKey | NoKey>();
  private named = new Set<string>();
  private since = performance.now();

  /** @param openRoot gives the key that wraps the others, and makes it when asked to */
  constructor(
    private readonly database: DataSource,
    private readonly openRoot: (make: boolean) => Promise<Buffer | null>,
  ) {}

  /** The key of each, made where there is none. On disk before it is handed out: what is sealed with it may be kept. */
  async forSealing(people: readonly PersonRef[]): Promise<ReadonlyMap<string, PersonKey>> {
    this.forgetOld();
    const found = new Map<string, PersonKey>();
    const missing = new Map<string, PersonRef>();
    for (const person of people) {
      const name = personOf(person);
      const known = this.byPerson.get(name);
      if (known) found.set(name, known);
      else missing.set(name, person);
    }
    if (missing.size === 0) return found;
    const root = (await this.rootKey(true))!;
    for (const row of await this.findOrMake([...missing.values()], root)) {
      const key = opened(row, root);
      const name = personOf({ jobId: row.job_id, objectKey: row.object_key });
      this.byPerson.set(name, key);
      this.byId.set(key.id, key);
      found.set(name, key);
    }
    return found;
  }

  /** The key of that id, as far as it is in memory. */
  inMemory(id: string): PersonKey | NoKey | undefined {
    return this.byId.get(id);
  }

  /** Keys by id. */
  async forOpening(ids: Iterable<string>): Promise<ReadonlyMap<string, PersonKey | NoKey>> {
    this.forgetOld();
    const found = new Map<string, PersonKey | NoKey>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = this.byId.get(id);
      if (known === undefined) missing.push(id);
      else found.set(id, known);
    }
    if (missing.length === 0) return found;
    const rows = await this.database.query<KeyRow[]>('SELECT id, job_id, object_key, wrapped FROM person_key WHERE id = ANY($1)', [
      missing,
    ]);
    const root = rows.some(({ wrapped }) => wrapped !== null) ? await this.rootKey(false) : null;
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of missing) {
      const row = byId.get(id);
      const key = row === undefined ? 'lost' : row.wrapped === null || root === null ? 'erased' : opened(row, root);
      if (key !== 'lost') this.byId.set(id, key); // it may be restored
      found.set(id, key);
    }
    return found;
  }

  /** Keeps by which names people may be found. */
  async note(names: readonly (PersonRef & { readonly name: string })[]): Promise<void> {
    const fresh = new Map(names.map((each) => [`${personOf(each)}\n${each.name}`, each]));
    for (const key of fresh.keys()) if (this.named.has(key)) fresh.delete(key);
    if (fresh.size === 0) return;
    const rows = [...fresh.values()];
    const tokens = await this.tokensOf(rows.map(({ name }) => name));
    await this.database.query(
      'INSERT INTO person_name (token, job_id, object_key) SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING',
      [tokens, rows.map(({ jobId }) => jobId), rows.map(({ objectKey }) => objectKey)],
    );
    if (this.named.size > remembered) this.named.clear();
    for (const key of fresh.keys()) this.named.add(key);
  }

  /** Whom a folded name stands for. */
  async findByName(name: string, limit = 50): Promise<PersonRef[]> {
    if ((await this.rootKey(false)) === null) return [];
    const [token] = await this.tokensOf([name]);
    return this.database.query<PersonRef[]>(
      'SELECT job_id AS "jobId", object_key AS "objectKey" FROM person_name WHERE token = $1 ORDER BY 1, 2 LIMIT $2',
      [token, limit],
    );
  }

  /**
   * Destroys the keys and the names of a person. From here on it cannot be undone, and it waits to be told until it was told.
   * Done again, it finds nothing left to destroy, and is told of all the same.
   */
  async erase({ jobId, objectKey }: PersonRef, { why, by, at }: { why: string | null; by: Erasure['by']; at: Date }): Promise<Erasure> {
    const id = randomUUID();
    const keyIds = await durably(this.database, async (manager) => {
      await manager.query('DELETE FROM person_name WHERE job_id = $1 AND object_key = $2', [jobId, objectKey]);
      await manager.query(
        'UPDATE person_key SET wrapped = NULL, erased_at = $3 WHERE job_id = $1 AND object_key = $2 AND erased_at IS NULL',
        [jobId, objectKey, at],
      );
      const rows = await manager.query<{ id: string }[]>(
        'SELECT id FROM person_key WHERE job_id = $1 AND object_key = $2 ORDER BY made_at, id',
        [jobId, objectKey],
      );
      const ids = rows.map((row) => row.id);
      await manager.query(
        'INSERT INTO erasure (id, job_id, object_key, key_ids, why, requested_at, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [id, jobId, objectKey, ids, why, at, JSON.stringify(by)],
      );
      return ids;
    });
    this.forget(keyIds);
    return { id, jobId, objectKey, keyIds, why, by, requestedAt: at.toISOString() };
  }

  /** Erasures that the log was not told of yet, the oldest first. */
  async untold(): Promise<Erasure[]> {
    const rows = await this.database.query<
      {
        id: string;
        job_id: string;
        object_key: string;
        key_ids: string[];
        why: string | null;
        requested_at: Date;
        requested_by: Erasure['by'];
      }[]
    >('SELECT * FROM erasure ORDER BY requested_at, id');
    return rows.map((row) => ({
      id: row.id,
      jobId: row.job_id,
      objectKey: row.object_key,
      keyIds: row.key_ids,
      why: row.why,
      requestedAt: row.requested_at.toISOString(),
      by: row.requested_by,
    }));
  }

  async told(id: string): Promise<void> {
    await this.database.query('DELETE FROM erasure WHERE id = $1', [id]);
  }

  /**
   * Destroys keys that the log says were destroyed: an older state of these tables may have brought them back.
   * @returns how many there were
   */
  async destroyAgain(keyIds: readonly string[], at: Date): Promise<number> {
    return durably(this.database, async (manager) => {
      const [rows] = await manager.query<[{ job_id: string; object_key: string }[], number]>(
        'UPDATE person_key SET wrapped = NULL, erased_at = $2 WHERE id = ANY($1) AND erased_at IS NULL RETURNING job_id, object_key',
        [keyIds, at],
      );
      for (const { job_id: jobId, object_key: objectKey } of rows)
        await manager.query('DELETE FROM person_name WHERE job_id = $1 AND object_key = $2', [jobId, objectKey]);
      this.forget(keyIds);
      return rows.length;
    });
  }

  /** Somebody destroyed these: nothing of them stays in this process. */
  forget(keyIds: readonly string[]): void {
    const gone = new Set(keyIds);
    for (const id of gone) this.byId.delete(id);
    for (const [person, { id }] of this.byPerson) if (gone.has(id)) this.byPerson.delete(person);
    this.named.clear();
  }

  private forgetOld(): void {
    const isFull = this.byId.size > remembered || this.byPerson.size > remembered;
    if (!isFull && performance.now() - this.since < rememberedForMs) return;
    this.byPerson = new Map();
    this.byId = new Map();
    this.named = new Set();
    this.since = performance.now();
  }

  private async rootKey(make: boolean): Promise<Buffer | null> {
    const opening = (this.root ??= this.openRoot(make));
    const root = await opening.catch((error: unknown) => {
      this.root = null;
      throw error;
    });
    if (root !== null) return root;
    this.root = null;
    return make ? this.rootKey(true) : null;
  }

  private async findOrMake(people: readonly PersonRef[], root: Buffer): Promise<KeyRow[]> {
    const known = await this.inUse(this.database.manager, people);
    const names = new Set(known.map((row) => personOf({ jobId: row.job_id, objectKey: row.object_key })));
    const fresh = people.filter((person) => !names.has(personOf(person)));
    if (fresh.length === 0) return known;
    const ids = fresh.map(() => randomBytes(idBytes).toString('base64url'));
    await durably(this.database, (manager) =>
      manager.query(
        `INSERT INTO person_key (id, job_id, object_key, wrapped) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
         ON CONFLICT DO NOTHING`,
        [
          ids,
          fresh.map(({ jobId }) => jobId),
          fresh.map(({ objectKey }) => objectKey),
          ids.map((id) => seal(root, randomBytes(keyBytes), keyContext(id))),
        ],
      ),
    );
    // Where another process was first, its key counts.
    return [...known, ...(await this.inUse(this.database.manager, fresh))];
  }

  private inUse(manager: EntityManager, people: readonly PersonRef[]): Promise<KeyRow[]> {
    return manager.query<KeyRow[]>(
      `SELECT id, job_id, object_key, wrapped FROM person_key
       JOIN unnest($1::text[], $2::text[]) AS asked (job_id, object_key) USING (job_id, object_key) WHERE erased_at IS NULL`,
      [people.map(({ jobId }) => jobId), people.map(({ objectKey }) => objectKey)],
    );
  }

  private async tokensOf(names: readonly string[]): Promise<Buffer[]> {
    const key = Buffer.from(hkdfSync('sha256', (await this.rootKey(true))!, '', 'provident person names', 32));
    return names.map((name) => createHmac('sha256', key).update(name).digest().subarray(0, 16));
  }
}

const opened = ({ id, wrapped }: KeyRow, root: Buffer): PersonKey => new PersonKey(id, unseal(root, wrapped!, keyContext(id)));

/** In a transaction that is on disk when it has ended, whatever the server is set to. */
const durably = <Result>(database: DataSource, work: (manager: EntityManager) => Promise<Result>): Promise<Result> =>
  database.transaction(async (manager) => {
    await manager.query('SET LOCAL synchronous_commit = on');
    return work(manager);
  });
