import { type DynamicModule, Module } from '@nestjs/common';
import { openAndMigrate } from '@provident/projection';
import { wrongLogRemedy } from '@provident/bus';
import { asksDatabase, DatabaseUnusable, endLoudly, openDatabase, type ServicePorts } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { CheckRecords } from './check/check-records.js';
import { CheckRunner } from './check/check-runner.js';
import { ChecksController } from './check/checks.controller.js';
import { ReadModelCheck } from './check/read-model-check.js';
import { checkEntities, checkMigrations } from './check/schema.js';
import { type AuditProjectorConfig, retentionOf } from './config.js';
import { eventLogSource } from './event-log-source.js';
import { ProjectorRunner } from './projector.runner.js';
import { ProjectorLoop } from './projector-loop.js';
import { ProjectorMetrics } from './projector-metrics.js';
import { RetentionKeeper } from './retention.js';

@Module({})
class AuditProjectorModule {}

/** The audit projector: the only writer of the read models. */
export async function auditProjectorModule(
  { log, logger, monitor, registry, now, tracing }: ServicePorts,
  config: AuditProjectorConfig,
): Promise<DynamicModule> {
  const schema = config.READ_MODEL_SCHEMA;
  const dataSource = await openReadModels(config.DATABASE_URL, schema);
  const source = eventLogSource(log, config.PROJECTION_BATCH);
  const retention = new RetentionKeeper({ registry, installation: retentionOf(config), logger, now });
  const loop = new ProjectorLoop(dataSource, source, {
    schema,
    logger,
    metrics: new ProjectorMetrics(monitor, () => log.head()),
    retention,
    tracer: tracing?.tracer,
  });
  monitor.addCheck('database', asksDatabase(dataSource));
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: `${schema}_checks`,
    entities: checkEntities,
    migrations: checkMigrations,
    poolSize: 2,
  });
  const checks = new CheckRunner(
    new CheckRecords(database),
    (report) => new ReadModelCheck({ log, source, dataSource, url: config.DATABASE_URL, schema }, report),
    logger,
  );
  const close = async (): Promise<void> => {
    await checks.end();
    await dataSource.destroy();
    await database.destroy();
  };
  const stopLoudly = (error: unknown): void => {
    const withRemedy = new Error(`${(error as Error).message}. ${wrongLogRemedy}`, { cause: error });
    endLoudly(logger, withRemedy, 'the projection is stopped until somebody decides what is right');
  };
  return {
    module: AuditProjectorModule,
    controllers: [ChecksController],
    providers: [
      { provide: ProjectorRunner, useValue: new ProjectorRunner(loop, stopLoudly, close) },
      { provide: CheckRunner, useValue: checks },
    ],
  };
}

async function openReadModels(url: string, schema: string): Promise<DataSource> {
  try {
    return await openAndMigrate({ url, schema, poolSize: 4, applicationName: 'provident audit-projector' });
  } catch (cause) {
    throw new DatabaseUnusable(
      `the read models cannot be opened: ${(cause as Error).message}; is Postgres running where DATABASE_URL says?`,
      { cause },
    );
  }
}
