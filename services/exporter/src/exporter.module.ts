import { type DynamicModule, Module } from '@nestjs/common';
import { openBudgets } from '@provident/bus';
import { ConnectorOpeners, TargetPaces } from '@provident/connectors';
import {
  BaseDir,
  PoolRunner,
  type ServicePorts,
  asksDatabase,
  openDatabase,
  openVault,
  paceMetrics,
  requestMetrics,
  withPrivacy,
  workPool,
} from '@provident/service-kit';

import type { ExporterConfig } from './config.js';
import { DescribeTargetController } from './describe-target.controller.js';
import { ProbeTargetController } from './probe-target.controller.js';
import { exporterEntities, exporterMigrations } from './state/schema.js';
import { Targets } from './targets.js';
import { exportWork } from './work-on-lanes.js';

@Module({})
class ExporterModule {}

/** The exporter: the only writer to targets. */
export async function exporterModule(plain: ServicePorts, config: ExporterConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'exporter',
    entities: exporterEntities,
    migrations: exporterMigrations,
  });
  plain.monitor.addCheck('database', asksDatabase(database));
  const vault = await openVault(config);
  const ports = withPrivacy(plain, vault.people());
  const paces = new TargetPaces(await openBudgets(ports.connection));
  paceMetrics(ports.monitor, paces);
  const tracer = ports.tracing?.tracer;
  const openers = new ConnectorOpeners(
    {
      vault,
      onRequest: requestMetrics(ports.monitor),
      beginRequest: tracer?.beginRequest,
      network: config.PROVIDENT_ALLOWED_NETWORKS,
    },
    paces,
  );
  const targets = new Targets(ports.registry, config, openers);
  const pool = workPool(ports, exportWork(ports, { log: ports.log, database, targets, registry: ports.registry, tracer }));
  const close = async (): Promise<void> => {
    await targets.close();
    await vault.close();
    await database.destroy();
  };
  return {
    module: ExporterModule,
    controllers: [DescribeTargetController, ProbeTargetController],
    providers: [
      { provide: PoolRunner, useValue: new PoolRunner(pool, close) },
      { provide: BaseDir, useValue: new BaseDir(config.PROVIDENT_BASE_DIR) },
      { provide: ConnectorOpeners, useValue: openers },
      { provide: Targets, useValue: targets },
    ],
  };
}
