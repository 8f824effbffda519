import { escrowEntities, escrowMigrations } from '@provident/escrow-retrier';
import { exporterEntities, exporterMigrations } from '@provident/exporter';
import { importerEntities, importerMigrations } from '@provident/importer';
import { schedulerEntities, schedulerMigrations } from '@provident/job-scheduler';
import { type DatabaseOptions, openDatabase } from '@provident/service-kit';

import { QuickStore, type Store } from './quick-store.js';

type Service = 'job-scheduler' | 'importer' | 'exporter' | 'escrow-retrier';
/** The tables of each service that has some. */
export type Stores = Readonly<Record<Service, Store>>;

/** Where the services keep their tables while seeds are played. */
export interface Databases {
  readonly stores: Stores;
  /** So that what a seed finds does not depend on the seeds before it; not even the order of rows. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

const schemas: Readonly<Record<Service, Omit<DatabaseOptions, 'url'>>> = {
  'job-scheduler': { schema: 'job_scheduler', entities: schedulerEntities, migrations: schedulerMigrations },
  importer: { schema: 'importer', entities: importerEntities, migrations: importerMigrations },
  exporter: { schema: 'exporter', entities: exporterEntities, migrations: exporterMigrations },
  'escrow-retrier': { schema: 'escrow_retrier', entities: escrowEntities, migrations: escrowMigrations },
};

async function openEach<Opened>(open: (options: Omit<DatabaseOptions, 'url'>) => Promise<Opened>): Promise<Record<Service, Opened>> {
  const opened: Partial<Record<Service, Opened>> = {};
  for (const [service, options] of Object.entries(schemas)) opened[service as Service] = await open(options);
  return opened as Record<Service, Opened>;
}

/** The services' own schemas in an empty Postgres database. */
export async function openPostgres(url: string): Promise<Databases> {
  const stores = await openEach((options) => openDatabase({ ...options, url, poolSize: 2 }));
  const tables = new Map<Store, string>();
  for (const store of Object.values(stores)) {
    const rows = await store.query<{ name: string }[]>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migrations'",
    );
    tables.set(store, rows.map(({ name }) => name).join(', '));
  }
  return {
    stores,
    empty: async () => {
      for (const [store, names] of tables) await store.query(`TRUNCATE ${names}`);
    },
    close: async () => void (await Promise.all(Object.values(stores).map((store) => store.destroy()))),
  };
}

/** The same tables in memory. @throws NotForQuickStore */
export async function openQuick(): Promise<Databases> {
  const opened = await openEach(({ migrations }) => QuickStore.open(migrations));
  const all = Object.values(opened);
  return {
    stores: Object.fromEntries(Object.entries(opened).map(([service, store]) => [service, store.asStore()])) as unknown as Stores,
    empty: async () => all.forEach((store) => store.empty()),
    close: async () => all.forEach((store) => store.close()),
  };
}
