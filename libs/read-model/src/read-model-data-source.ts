import pg from 'pg';
import { DataSource } from 'typeorm';

import * as exported from './entities/index.js';
import { ReadModels1767225600000 } from './migrations/1767225600000-read-models.js';
import { Reevaluated1795300200002 } from './migrations/1795300200002-reevaluated.js';
import { GraphQuestions1795300400000 } from './migrations/1795300400000-graph-questions.js';
import { IndexesAside1795300700001 } from './migrations/1795300700001-indexes-aside.js';
import { Retention1795400100000 } from './migrations/1795400100000-retention.js';
import { Partitions1795300900000 } from './migrations/1795300900000-partitions.js';
import { HeldKinds1795400000003 } from './migrations/1795400000003-held-kinds.js';
import { Drift1795500000002 } from './migrations/1795500000002-drift.js';
import { FailuresByTime1795600100000 } from './migrations/1795600100000-failures-by-time.js';
import { CausesAndQuarantines1795300300002 } from './migrations/1795300300002-causes-and-quarantines.js';
import { Landmark1795900100002 } from './migrations/1795900100002-landmark.js';
import { isoInstant } from './iso-instant.js';
import { planBefore } from './planned-before.js';

export interface ReadModelOptions {
  readonly url: string;
  /** Where the tables are; a rebuild beside the running one takes another name. */
  readonly schema?: string;
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** A query that takes longer is broken off; 0 for never. */
  readonly statementTimeoutMs?: number;
  /** Whether all connections are opened and made ready for questions beforehand, and stay open: for whoever answers people. */
  readonly isKeptReady?: boolean;
}

/** Also how long somebody waits for a connection that others use: longer than their questions may take. */
const connectsWithinMs = 15_000;

export const defaultSchema = 'read_model';

const entities = [
  exported.AuditEventRow,
  exported.CauseRow,
  exported.CycleRow,
  exported.EscrowRow,
  exported.HeldRemovalRow,
  exported.IdentityRow,
  exported.IndexAsideRow,
  exported.JobRow,
  exported.LandmarkRow,
  exported.NoticeRow,
  exported.ObjectCounterRow,
  exported.ObjectStateRow,
  exported.PositionRow,
  exported.ProvisioningEntryRow,
  exported.QuarantineRow,
  exported.RetentionHorizonRow,
  exported.UnreadableEventRow,
];

/** Every table that is filled from the log, in no particular order. */
export const readModelTables = [
  'audit_event',
  'cause',
  'cycle',
  'escrow',
  'held_removal',
  'identity',
  'job',
  'notice',
  'object_counter',
  'object_state',
  'position',
  'provisioning_entry',
  'quarantine',
  'unreadable_event',
] as const;

const int8 = 20;
const timestamptz = 1184;

/** Sequences are read as numbers and instants as the ISO text of the wire, on these connections alone. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (oid === int8) return Number;
      if (oid === timestamptz) return isoInstant;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

/** A data source for the read models, not opened yet. It never migrates by itself. */
export function readModelDataSource(options: ReadModelOptions): DataSource {
  const poolSize = options.poolSize ?? 8;
  return new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName ?? 'provident-read-model',
    poolSize,
    ...(options.isKeptReady && { connectTimeoutMS: connectsWithinMs }),
    entities,
    migrations: [
      ReadModels1767225600000,
      Reevaluated1795300200002,
      CausesAndQuarantines1795300300002,
      GraphQuestions1795300400000,
      IndexesAside1795300700001,
      Partitions1795300900000,
      HeldKinds1795400000003,
      Retention1795400100000,
      Drift1795500000002,
      FailuresByTime1795600100000,
      Landmark1795900100002,
    ],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    // Answers take milliseconds: compiling them would take longer. The session's path, not TypeORM's `schema`, which would be written into every statement.
    extra: {
      types,
      ...(options.isKeptReady && { min: poolSize, keepAlive: true, onConnect: planBefore }),
      options: `-c search_path=${schemaName(options)} -c statement_timeout=${options.statementTimeoutMs ?? 0} -c timezone=UTC -c jit=off`,
    },
  });
}

/** Opens as many connections as there may be; those of a data source that is kept ready stay. */
export async function openAllConnections(dataSource: DataSource): Promise<void> {
  const { poolSize = 1 } = dataSource.options as { readonly poolSize?: number };
  const runners = Array.from({ length: poolSize }, () => dataSource.createQueryRunner());
  try {
    await Promise.all(runners.map((runner) => runner.connect()));
  } finally {
    await Promise.all(runners.map((runner) => runner.release()));
  }
}

/**
 * Opens the read models, creating schema and tables or bringing them up to date first. Only the projector does this.
 * Instances that start together wait for one another.
 */
export async function openAndMigrate(options: ReadModelOptions): Promise<DataSource> {
  const schema = schemaName(options);
  const client = new pg.Client({ connectionString: options.url });
  client.on('error', () => undefined); // a database that ended meanwhile is told by whatever it is asked next
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [`provident migration ${schema}`]);
    await client.query(`create schema if not exists "${schema}"`);
    await client.query(`comment on schema "${schema}" is 'Provident: made from the log'`);
    const dataSource = await readModelDataSource(options).initialize();
    await dataSource.runMigrations();
    return dataSource;
  } finally {
    await client.end();
  }
}

function schemaName({ schema = defaultSchema }: ReadModelOptions): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new RangeError(`not a plain schema name: ${schema}`);
  return schema;
}
