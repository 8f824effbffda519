import { type DynamicModule, Module } from '@nestjs/common';
import { openAndMigrate } from '@provident/projection';
import { DatabaseUnusable, type ServicePorts } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { AuditProjectorConfig } from './config.js';
import { eventLogSource } from './event-log-source.js';
import { ProjectorRunner } from './projector.runner.js';
import { ProjectorLoop } from './projector-loop.js';

@Module({})
class AuditProjectorModule {}

/** The audit projector: the only writer of the read models. */
export async function auditProjectorModule({ log, logger }: ServicePorts, config: AuditProjectorConfig): Promise<DynamicModule> {
  const schema = config.READ_MODEL_SCHEMA;
  const dataSource = await openReadModels(config.DATABASE_URL, schema);
  const loop = new ProjectorLoop(dataSource, eventLogSource(log, config.PROJECTION_BATCH), { schema, logger });
  const stopLoudly = (error: unknown): void => {
    logger.error({ err: error }, 'the projection is stopped until somebody decides what is right');
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  };
  return {
    module: AuditProjectorModule,
    providers: [{ provide: ProjectorRunner, useValue: new ProjectorRunner(loop, stopLoudly, () => dataSource.destroy()) }],
  };
}

async function openReadModels(url: string, schema: string): Promise<DataSource> {
  try {
    return await openAndMigrate({ url, schema, poolSize: 2, applicationName: 'provident audit-projector' });
  } catch (cause) {
    throw new DatabaseUnusable(
      `the read models cannot be opened: ${(cause as Error).message}; is Postgres running where DATABASE_URL says?`,
      { cause },
    );
  }
}
