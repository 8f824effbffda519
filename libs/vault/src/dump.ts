import { createHash } from 'node:crypto';

import type { DataSource } from 'typeorm';

import { VaultUnusable } from './vault-error.js';

/** In the order in which their rows refer to each other. */
const tables = ['ring', 'data_key', 'secret', 'person_root', 'person_key', 'person_name', 'erasure'] as const;
type Table = (typeof tables)[number];
const format = 'provident-keys';
const rowsAtOnce = 1_000;

/**
 * The vault's tables as lines of JSON: a head, one line for each row, and a tail with the SHA-256 of everything before it. All of it is sealed: it opens
 * under the master key alone, which is not in it.
 */
export async function* dumpVault(database: DataSource, madeAt: string): AsyncGenerator<string> {
  const sum = createHash('sha256');
  const told = (line: string): string => {
    sum.update(line).update('\n');
    return line;
  };
  const runner = database.createQueryRunner();
  let rows = 0;
  try {
    await runner.startTransaction('REPEATABLE READ');
    yield told(JSON.stringify({ format, version: 1, madeAt }));
    for (const table of tables) {
      await runner.query(`DECLARE each CURSOR FOR SELECT to_jsonb(${table}) AS row FROM ${table}`);
      for (;;) {
        const found = (await runner.query(`FETCH ${rowsAtOnce} FROM each`)) as { row: object }[];
        for (const { row } of found) yield told(JSON.stringify([table, row]));
        rows += found.length;
        if (found.length < rowsAtOnce) break;
      }
      await runner.query('CLOSE each');
    }
    yield JSON.stringify({ sha256: sum.digest('hex'), events: rows });
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

/**
 * Puts a dump into a vault in which nothing was ever sealed.
 * @param database opened on the vault's schema
 * @returns rows that were put there
 * @throws VaultUnusable with nothing changed
 */
export async function restoreVault(database: DataSource, lines: AsyncIterable<string>): Promise<{ rows: number; madeAt: string }> {
  return database.transaction(async (manager) => {
    const [{ used }] = await manager.query<[{ used: boolean }]>(
      'SELECT EXISTS (SELECT FROM ring) OR EXISTS (SELECT FROM person_key) AS used',
    );
    if (used) throw new VaultUnusable('there are secrets or keys in the vault already: empty the schema "vault", or use another database');
    const sum = createHash('sha256');
    let madeAt: string | null = null;
    let waiting: { table: Table; rows: object[] } = { table: tables[0], rows: [] };
    let rows = 0;
    let isWhole = false;
    const write = async (): Promise<void> => {
      if (waiting.rows.length === 0) return;
      await manager.query(`INSERT INTO ${waiting.table} SELECT * FROM jsonb_populate_recordset(null::${waiting.table}, $1::jsonb)`, [
        JSON.stringify(waiting.rows),
      ]);
      rows += waiting.rows.length;
    };
    for await (const line of lines) {
      const parsed = parse(line);
      if (isWhole) throw damaged('it goes on behind its end');
      if (madeAt === null) {
        const head = parsed as { format?: unknown; version?: unknown; madeAt?: unknown } | null;
        if (head?.format !== format || head.version !== 1) throw damaged('it does not begin like one');
        madeAt = String(head.madeAt);
      } else if (Array.isArray(parsed)) {
        const [table, row] = parsed as [Table, object];
        if (!tables.includes(table)) throw damaged(`it has rows of "${String(table)}"`);
        if (waiting.table !== table || waiting.rows.length >= rowsAtOnce) {
          await write();
          waiting = { table, rows: [] };
        }
        waiting.rows.push(row);
      } else {
        if ((parsed as { sha256?: unknown } | null)?.sha256 !== sum.digest('hex')) throw damaged('it was changed');
        isWhole = true;
        continue;
      }
      sum.update(line).update('\n');
    }
    if (!isWhole) throw damaged('it breaks off');
    await write();
    return { rows, madeAt: madeAt! };
  });
}

const damaged = (why: string): VaultUnusable => new VaultUnusable(`this is no whole backup of keys: ${why}`);

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new VaultUnusable('this is no whole backup of keys: a line of it is no JSON', { cause });
  }
}
