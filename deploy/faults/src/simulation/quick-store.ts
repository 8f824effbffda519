import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

import {
  type DataSource,
  type EntityManager,
  FindOperator,
  type MigrationInterface,
  type ObjectLiteral,
  getMetadataArgsStorage,
} from 'typeorm';

/** What the services use of a DataSource. */
export type Store = Pick<DataSource, 'query' | 'transaction' | 'getRepository'>;

/** A statement that the quick store cannot carry out: the seeds have to be played on Postgres instead. */
export class NotForQuickStore extends Error {
  override readonly name = 'NotForQuickStore';
}

interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly { readonly name: string; readonly type: string | null }[];
}

type Row = Record<string, unknown>;

/**
 * A service's tables in SQLite, in this process: a statement takes microseconds instead of a round trip. Postgres' dialect is translated as far as
 * the services use it. That the two do the same is shown by playing the same seeds on both, which have to tell the same story to the last event.
 */
export class QuickStore {
  private readonly database = new DatabaseSync(':memory:');
  private readonly prepared = new Map<string, Prepared>();
  private readonly tables: string[];

  private constructor(migrations: readonly string[]) {
    for (const sql of migrations.flatMap(inSteps)) this.translated(sql, (text) => this.database.exec(text));
    this.database.function(
      'split_part',
      { deterministic: true },
      (text, at, part) => String(text).split(String(at))[Number(part) - 1] ?? '',
    );
    const rows = this.database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    this.tables = rows.map((row) => String(row['name']));
  }

  /** @throws NotForQuickStore */
  static async open(migrations: readonly (new () => MigrationInterface)[]): Promise<QuickStore> {
    const statements: string[] = [];
    const recorder = { query: async (sql: string) => void statements.push(sql) };
    for (const Migration of migrations) await new Migration().up(recorder as never);
    return new QuickStore(statements);
  }

  empty(): void {
    for (const table of this.tables) this.database.exec(`DELETE FROM "${table}"`);
  }

  close(): void {
    this.database.close();
  }

  /** The store as services know it. */
  asStore(): Store {
    const manager = {
      query: async (sql: string, parameters: readonly unknown[] = []) => this.answer(sql, this.run(sql, parameters)),
      getRepository: (entity: new () => ObjectLiteral) => this.repository(entity),
    };
    const transaction = async (work: (manager: EntityManager) => Promise<unknown>): Promise<unknown> => {
      this.database.exec('BEGIN');
      try {
        const result = await work(manager as unknown as EntityManager);
        this.database.exec('COMMIT');
        return result;
      } catch (error) {
        this.database.exec('ROLLBACK');
        throw error;
      }
    };
    return { ...manager, transaction } as unknown as Store;
  }

  /** As TypeORM tells it: of what was changed or deleted, the rows that were asked for, and their number. */
  private answer(sql: string, rows: Row[]): unknown {
    return /^\s*(UPDATE|DELETE)\b/i.test(sql) ? [rows, rows.length] : rows;
  }

  private run(sql: string, parameters: readonly unknown[]): Row[] {
    const { statement, columns } = this.prepare(sql);
    const named = Object.fromEntries(parameters.map((value, at) => [`$${at + 1}`, toSqlite(value)]));
    return statement.all(named).map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, fromSqlite(row[name], type)])));
  }

  private prepare(sql: string): Prepared {
    const known = this.prepared.get(sql);
    if (known) return known;
    const prepared = this.translated(sql, (text): Prepared => {
      const statement = this.database.prepare(text);
      statement.setAllowUnknownNamedParameters(true);
      const claims = claimsIn(sql);
      return { statement, columns: statement.columns().map(({ name, type }) => ({ name, type: claims.has(name) ? 'boolean' : type })) };
    });
    this.prepared.set(sql, prepared);
    return prepared;
  }

  private translated<Result>(sql: string, use: (text: string) => Result): Result {
    const text = translate(sql);
    try {
      return use(text);
    } catch (cause) {
      throw new NotForQuickStore(`${(cause as Error).message} in: ${text.replace(/\s+/g, ' ')}`, { cause });
    }
  }

  private repository(entity: new () => ObjectLiteral) {
    const storage = getMetadataArgsStorage();
    const table = storage.tables.find(({ target }) => target === entity)!.name!;
    const columns = storage.columns
      .filter(({ target }) => target === entity)
      .map(({ propertyName, options }) => ({ property: propertyName, name: options.name ?? propertyName }));
    const nameOf = (property: string): string => columns.find((column) => column.property === property)!.name;
    const list = columns.map(({ name, property }) => `${name} AS "${property}"`).join(', ');
    const equal = (where: Row, from = 1): string =>
      Object.keys(where)
        .map(
          (property, at) =>
            `${nameOf(property)} ${isList(where[property]) ? `IN (SELECT value FROM json_each($${from + at}))` : `= $${from + at}`}`,
        )
        .join(' AND ');

    const methods = {
      findBy: async (where: Row) => this.run(`SELECT ${list} FROM ${table} WHERE ${equal(where)}`, valuesOf(where)),
      findOneBy: async (where: Row) => (await methods.findBy(where))[0] ?? null,
      delete: async (where: Row) => void this.run(`DELETE FROM ${table} WHERE ${equal(where)}`, valuesOf(where)),
      update: async (where: Row, values: Row) => {
        const set = Object.keys(values).map((property, at) => `${nameOf(property)} = $${at + 1}`);
        const sql = `UPDATE ${table} SET ${set.join(', ')} WHERE ${equal(where, set.length + 1)}`;
        this.run(sql, [...Object.values(values), ...valuesOf(where)]);
      },
      upsert: async (rows: Row | readonly Row[], conflict: readonly string[]) => {
        if (Array.isArray(rows)) {
          for (const each of rows as readonly Row[]) await methods.upsert(each, conflict);
          return;
        }
        const row = rows as Row;
        const names = Object.keys(row).map(nameOf);
        const key = conflict.map(nameOf);
        const set = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
        const values = names.map((_, at) => `$${at + 1}`);
        const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')}) ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set.join(', ')}`;
        this.run(sql, Object.values(row));
      },
    };
    return new Proxy(methods, {
      get: (known, name: string) => {
        if (name in known) return known[name as keyof typeof known];
        throw new NotForQuickStore(`a repository's ${name} on ${table}`);
      },
    });
  }
}

/** Postgres' words in SQLite's, for what the services use. What is not known here fails to be prepared, loudly. */
export function translate(sql: string): string {
  let text = sql
    .replace(
      /unnest\(([^()]*)\)(?:\s+AS\s+(\w+)\s*\(([^)]*)\))?/gi,
      (_, lists: string, alias: string | undefined, names: string | undefined) => rowsOf(lists.split(','), alias, names?.split(',')),
    )
    .replace(/= ANY\s*\((\$\d+)(?:::\w+\[\])?\)/gi, 'IN (SELECT value FROM json_each($1))')
    .replace(/<> ALL\s*\((\$\d+)(?:::\w+\[\])?\)/gi, 'NOT IN (SELECT value FROM json_each($1))')
    .replace(/::\w+(\[\])?/g, '')
    .replace(/SELECT FROM/gi, 'SELECT 1 FROM')
    .replace(/count\(\*\)(?! AS| FILTER)/gi, 'count(*) AS count')
    .replace(/ FOR UPDATE/gi, '');
  // Without a WHERE, SQLite takes ON for the beginning of a join.
  if (/^\s*INSERT[\s\S]*SELECT[\s\S]*ON CONFLICT/i.test(text) && !/WHERE[\s\S]*ON CONFLICT/i.test(text))
    text = text.replace(/ON CONFLICT/i, 'WHERE true ON CONFLICT');
  return text;
}

/** Columns that a statement computes as yes or no: SQLite has numbers for that. */
const claimsIn = (sql: string): ReadonlySet<string> =>
  new Set([...sql.matchAll(/\bIS (?:NOT )?(?:NULL|TRUE|FALSE) AS "?(\w+)"?/gi)].map(([, name]) => name!));

/** What Postgres does to several tables or columns at once, SQLite wants to hear one by one; and new columns of its empty tables may not be required. */
function inSteps(sql: string): string[] {
  const [, truncated] = /^\s*TRUNCATE\s+(.*)$/i.exec(sql) ?? [];
  if (truncated) return truncated.split(',').map((table) => `DELETE FROM ${table}`);
  const [, table, additions] = /^\s*(ALTER TABLE \S+)\s+(ADD COLUMN[\s\S]*)$/i.exec(sql) ?? [];
  if (!table || !additions) return [sql];
  return additions
    .split(/,\s*(?=ADD COLUMN)/i)
    .map((addition) => `${table} ${/ DEFAULT /i.test(addition) ? addition : addition.replace(/ NOT NULL/i, '')}`);
}

/** Lists side by side as rows. */
function rowsOf(lists: readonly string[], alias = 'listed', names: readonly string[] = []): string {
  const parameters = lists.map((list) => list.replace(/::.*$/, '').trim());
  const columns = parameters.map((_, at) => `l${at}.value AS ${names[at]?.trim() ?? `c${at}`}`);
  const joined = parameters.map((each, at) =>
    at === 0 ? `json_each(${each}) AS l0` : `JOIN json_each(${each}) AS l${at} ON l${at}.key = l0.key`,
  );
  return `(SELECT ${columns.join(', ')} FROM ${joined.join(' ')}) AS ${alias}`;
}

/** TypeORM's `In(…)`. */
const isList = (value: unknown): value is FindOperator<readonly unknown[]> => value instanceof FindOperator && value.type === 'in';
const valuesOf = (where: Row): unknown[] => Object.values(where).map((value) => (isList(value) ? value.value : value));

function toSqlite(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : (value as SQLInputValue);
}

/** As Postgres' driver would have it: big numbers as text, JSON as what it says. */
function fromSqlite(value: unknown, type: string | null): unknown {
  if (value === null || value === undefined) return null;
  switch (type?.toLowerCase() ?? 'computed') {
    case 'jsonb':
      return JSON.parse(String(value));
    case 'boolean':
      return value === 1;
    case 'timestamptz':
      return new Date(String(value));
    case 'bigint':
      return String(value);
    case 'computed':
      return typeof value === 'number' ? String(value) : value; // count(*)
    default:
      return value;
  }
}
