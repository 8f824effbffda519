import { type DynamicModule, Module } from '@nestjs/common';
import { BaseDir, PoolRunner, type ServicePorts, asksDatabase, openDatabase, requestMetrics, workPool } from '@provident/service-kit';

import type { ExporterConfig } from './config.js';
import { DescribeTargetController } from './describe-target.controller.js';
import { ProbeTargetController } from './probe-target.controller.js';
import { exporterEntities, exporterMigrations } from './state/schema.js';
import { Targets } from './targets.js';
import { exportWork } from './work-on-lanes.js';

@Module({})
class ExporterModule {}

/** The exporter: the only writer to targets. */
export async function exporterModule(ports: ServicePorts, config: ExporterConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'exporter',
    entities: exporterEntities,
    migrations: exporterMigrations,
  });
  const targets = new Targets(ports.registry, config, requestMetrics(ports.monitor));
  ports.monitor.addCheck('database', asksDatabase(database));
  const pool = workPool(ports, exportWork(ports, { log: ports.log, database, targets, registry: ports.registry }));
  return {
    module: ExporterModule,
    controllers: [DescribeTargetController, ProbeTargetController],
    providers: [
      { provide: BaseDir, useValue: new BaseDir(config.PROVIDENT_BASE_DIR) },
      { provide: PoolRunner, useValue: new PoolRunner(pool, () => targets.close().then(() => database.destroy())) },
      { provide: Targets, useValue: targets },
    ],
  };
}
