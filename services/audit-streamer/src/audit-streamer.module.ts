import { type DynamicModule, Module } from '@nestjs/common';
import type { Work } from '@provident/bus';
import type { StreamDefinition } from '@provident/contracts';
import { asJobId } from '@provident/domain';
import { readModelDataSource, readStream } from '@provident/report';
import { asksDatabase, DatabaseUnusable, openDatabase, openVault, otherPool, PoolRunner, type ServicePorts } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { AuditStreamerConfig } from './config.js';
import { openDestination } from './destinations/open-destination.js';
import { findProblem } from './find-problem.js';
import { openFormat, signingKey } from './formats/open-format.js';
import { StreamSender } from './run/stream-sender.js';
import { secretsOf } from './secrets.js';
import { Cursors } from './state/cursors.js';
import { streamerEntities, streamerMigrations, streamerSchema } from './state/schema.js';
import { noteOf, StreamMetrics } from './stream-metrics.js';
import { StreamOrders } from './streams/stream-orders.js';
import { type KnownStream, StreamRegistry } from './streams/stream-registry.js';
import { StreamStandings } from './streams/stream-standings.js';
import { StreamsController } from './streams/streams.controller.js';

@Module({})
class AuditStreamerModule {}

/** Events of the log that are looked at at a time. */
const eventsAtOnce = 200;

/** The audit streamer: sends what happens to other systems, each at its own pace. */
export async function auditStreamerModule(ports: ServicePorts, config: AuditStreamerConfig): Promise<DynamicModule> {
  const { log, appender, connection, monitor, now, signal } = ports;
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: streamerSchema,
    entities: streamerEntities,
    migrations: streamerMigrations,
    isMadeFromLog: false,
    poolSize: 4,
  });
  const models = await openReadModels(config);
  const vault = await openVault(config);
  monitor.addCheck('database', asksDatabase(database));
  monitor.addCheck('read models', asksDatabase(models));

  const registry = new StreamRegistry(log);
  await registry.start(signal);
  const cursors = new Cursors(database, log.identity, now);
  const readSecret = secretsOf(vault);
  const places = { readSecret, network: config.PROVIDENT_ALLOWED_NETWORKS, folder: config.PROVIDENT_STREAM_FILES ?? null };
  const open = (definition: StreamDefinition) => ({
    destination: openDestination(definition, {
      ...places,
      connection,
      now,
      streamId: definition.streamId,
      formatKind: definition.format.kind,
    }),
    format: openFormat(definition, { tenantId: config.PROVIDENT_TENANT_ID, now }, readSecret),
  });
  const standings = new StreamStandings({ registry, cursors, models, head: () => log.head(), now });
  const metrics = new StreamMetrics(monitor, () => standings.standings());
  monitor.addNotes(async () => (await standings.standings()).flatMap((standing) => noteOf(standing) ?? []));

  const workOf = (stream: KnownStream): Work => ({
    // Another order about a stream is other work: it is heeded at once.
    unit: { jobId: asJobId(stream.definition.streamId), lane: String(stream.revision) },
    run: (ending, assertHeld) =>
      new StreamSender({
        stream,
        cursors,
        read: (after) =>
          readStream(models, { after, events: eventsAtOnce, filter: stream.definition.filter, tenantId: config.PROVIDENT_TENANT_ID }),
        log,
        format: openFormat(stream.definition, { tenantId: config.PROVIDENT_TENANT_ID, now }, readSecret),
        openDestination: () => open(stream.definition).destination,
        now,
        assertHeld,
        observe: (delivered) => metrics.observe(stream.definition.streamId, delivered),
      }).run(ending),
  });
  const pool = otherPool(ports, {
    list: () =>
      registry
        .list()
        .filter(({ isPaused }) => !isPaused)
        .map(workOf),
    onChange: (listener) => registry.onChange(listener),
  });
  const orders = new StreamOrders({
    registry,
    log,
    appender,
    now,
    findProblem: (definition) => findProblem(definition, places),
    open,
    signingKeyOf: (secret) => signingKey(secret, readSecret)(),
  });
  const close = async (): Promise<void> => {
    await vault.close();
    await models.destroy();
    await database.destroy();
  };
  return {
    module: AuditStreamerModule,
    controllers: [StreamsController],
    providers: [
      { provide: PoolRunner, useValue: new PoolRunner(pool, close) },
      { provide: StreamOrders, useValue: orders },
      { provide: StreamStandings, useValue: standings },
    ],
  };
}

/** The projector makes the tables; until it has, nothing is sent. */
async function openReadModels({ DATABASE_URL: url, READ_MODEL_SCHEMA: schema }: AuditStreamerConfig): Promise<DataSource> {
  try {
    const source = readModelDataSource({
      url,
      schema,
      applicationName: 'provident audit-streamer',
      statementTimeoutMs: 30_000,
      poolSize: 4,
    });
    return await source.initialize();
  } catch (cause) {
    throw new DatabaseUnusable(
      `the read models cannot be read: ${(cause as Error).message}; is Postgres running where DATABASE_URL says?`,
      { cause },
    );
  }
}
