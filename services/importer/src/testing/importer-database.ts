import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { importerEntities, importerMigrations } from '../state/schema.js';

const schema = 'importer';

/** A spec's own database with the importer's tables, all empty before each test. */
export function importerDatabase(): { readonly database: DataSource } {
  let server: TestDatabase;
  let database: DataSource;
  let tables: string;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openDatabase({ url: server.url, schema, entities: importerEntities, migrations: importerMigrations });
    const made = await database.query<{ name: string }[]>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'`,
      [schema],
    );
    tables = made.map(({ name }) => name).join(', ');
  }, 60_000);
  afterAll(async () => {
    await database?.destroy();
    await server?.drop();
  });
  beforeEach(() => database.query(`TRUNCATE ${tables}`));

  return {
    get database() {
      return database;
    },
  };
}
