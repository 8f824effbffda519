import { escrowEntities, escrowMigrations } from '@provident/escrow-retrier';
import { exporterEntities, exporterMigrations } from '@provident/exporter';
import { importerEntities, importerMigrations } from '@provident/importer';
import { schedulerEntities, schedulerMigrations } from '@provident/job-scheduler';
import { openDatabase } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { Databases } from './stages.js';

/** Opens the services' own schemas in an empty database. */
export async function openDatabases(url: string): Promise<Databases> {
  const common = { url, poolSize: 2 };
  return {
    'job-scheduler': await openDatabase({
      ...common,
      schema: 'job_scheduler',
      entities: schedulerEntities,
      migrations: schedulerMigrations,
    }),
    importer: await openDatabase({ ...common, schema: 'importer', entities: importerEntities, migrations: importerMigrations }),
    exporter: await openDatabase({ ...common, schema: 'exporter', entities: exporterEntities, migrations: exporterMigrations }),
    'escrow-retrier': await openDatabase({ ...common, schema: 'escrow_retrier', entities: escrowEntities, migrations: escrowMigrations }),
  };
}

const tables = new WeakMap<DataSource, readonly string[]>();

/** Empties all tables, so that what a seed finds does not depend on the seeds before it; not even the order of rows. */
export async function emptyDatabases(databases: Databases): Promise<void> {
  for (const database of Object.values(databases)) {
    let names = tables.get(database);
    if (!names) {
      const rows = await database.query<{ name: string }[]>(
        "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migrations'",
      );
      names = rows.map(({ name }) => name);
      tables.set(database, names);
    }
    await database.query(`TRUNCATE ${names.join(', ')}`);
  }
}

export const closeDatabases = (databases: Databases): Promise<unknown> =>
  Promise.all(Object.values(databases).map((database) => database.destroy()));
