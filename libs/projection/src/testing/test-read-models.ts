import { randomBytes } from 'node:crypto';

import { openAndMigrate } from '@provident/read-model';
import type { DataSource } from 'typeorm';

import type { Connection } from '../sql/connection.js';

export interface TestReadModels {
  readonly url: string;
  readonly schema: string;
  readonly dataSource: DataSource;
  /** One connection of its own. */
  readonly connection: Connection;
  /** Every row of every table, in one order: what "the same, byte for byte" compares. */
  dump(): Promise<Record<string, unknown[]>>;
  close(): Promise<void>;
}

/** Read models in a schema of their own, on the Postgres server of this test run. */
export async function testReadModels(): Promise<TestReadModels> {
  const url = process.env['PROVIDENT_TEST_DATABASE_URL'];
  if (!url) throw new Error('PROVIDENT_TEST_DATABASE_URL is not set: run these specs with `npm run test:int`, which starts a server');
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const dataSource = await openAndMigrate({ url, schema, poolSize: 4 });
  const runner = dataSource.createQueryRunner();
  const connection = (await runner.connect()) as Connection;
  return {
    url,
    schema,
    dataSource,
    connection,
    dump: () => dumpTables(dataSource),
    async close() {
      await runner.release();
      await dataSource.query(`drop schema "${schema}" cascade`);
      await dataSource.destroy();
    },
  };
}

async function dumpTables(dataSource: DataSource): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const { tableName } of dataSource.entityMetadatas) {
    const rows: { line: string }[] = await dataSource.query(
      `select dumped::text as line from "${tableName}" dumped order by dumped::text collate "C"`,
    );
    tables[tableName] = rows.map(({ line }) => line);
  }
  return tables;
}
