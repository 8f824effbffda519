import type { EntitySchema, MigrationInterface } from 'typeorm';
import { DataSource } from 'typeorm';

/** The database cannot be used; the message says what to do. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

/** Asks the database for nothing: whether it answers. */
export const asksDatabase = (source: DataSource) => async (): Promise<void> => void (await source.query('SELECT 1'));

export interface DatabaseOptions {
  readonly url: string;
  /** The service's own schema: nobody else reads it. */
  readonly schema: string;
  readonly entities: (new () => object)[] | EntitySchema[];
  readonly migrations: (new () => MigrationInterface)[];
  /** At least 2: one holds the turn while the other migrates. */
  readonly poolSize?: number;
  /** Whether all that is in it stands in the log too, so that it can be made anew; true by default. */
  readonly isMadeFromLog?: boolean;
}

/** Says of a schema that it holds nothing but what the log holds too. */
export const madeFromLog = 'Provident: made from the log';

const oldestVersion = 160_000;

/**
 * Opens a service's schema and brings it up to date; instances that start at the same time take turns.
 * @throws DatabaseUnusable when the server cannot be reached, or is too old
 */
export async function openDatabase({
  url,
  schema,
  entities,
  migrations,
  poolSize = 6,
  isMadeFromLog = true,
}: DatabaseOptions): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema,
    entities,
    migrations,
    migrationsTransactionMode: 'all',
    logging: false,
    extra: { max: poolSize, options: `-c search_path=${schema}`, keepAlive: true },
    applicationName: `provident ${schema}`,
  });
  try {
    await source.initialize();
  } catch (cause) {
    throw new DatabaseUnusable(
      `Postgres does not answer at ${withoutPassword(url)}: ${(cause as Error).message}; start it, or set DATABASE_URL to where it runs`,
      { cause },
    );
  }
  const [{ server_version_num: version }] = await source.query<[{ server_version_num: string }]>('SHOW server_version_num');
  if (Number(version) < oldestVersion) {
    await source.destroy();
    throw new DatabaseUnusable(
      `Postgres at ${withoutPassword(url)} is version ${Math.floor(Number(version) / 10_000)}: install 16 or newer`,
    );
  }
  await migrate(source, schema, isMadeFromLog);
  return source;
}

async function migrate(source: DataSource, schema: string, isMadeFromLog: boolean): Promise<void> {
  const turn = source.createQueryRunner();
  try {
    await turn.query('SELECT pg_advisory_lock(hashtext($1))', [`provident migrate ${schema}`]);
    await turn.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    if (isMadeFromLog) await turn.query(`COMMENT ON SCHEMA ${schema} IS '${madeFromLog}'`);
    await source.runMigrations();
    await turn.query('SELECT pg_advisory_unlock(hashtext($1))', [`provident migrate ${schema}`]);
  } finally {
    await turn.release();
  }
}

const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');
