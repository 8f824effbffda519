import { type DynamicModule, Module } from '@nestjs/common';
import { openBudgets, openNatsSimulations } from '@provident/bus';
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

import type { ImporterConfig } from './config.js';
import { DescribeSourceController } from './describe-source.controller.js';
import { JobImporter } from './job-importer.js';
import { DemandPorts, OnDemandController } from './on-demand/on-demand.controller.js';
import { RulesPreview } from './preview/rules-preview.js';
import { RulesPreviewController } from './preview/rules-preview.controller.js';
import { Simulations } from './simulation/simulations.js';
import { SimulationsController } from './simulation/simulations.controller.js';
import { importerEntities, importerMigrations } from './state/schema.js';

@Module({})
class ImporterModule {}

/** The part of a job's importing that one instance does at a time: all of it, because a source is read in one go. */
const wholeJob = 'all';

/** The importer: the only reader of sources, and of targets before a decision. */
export async function importerModule(plain: ServicePorts, config: ImporterConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'importer',
    entities: importerEntities,
    migrations: importerMigrations,
  });
  plain.monitor.addCheck('database', asksDatabase(database));
  const vault = await openVault(config);
  const keys = vault.people();
  const ports = withPrivacy(plain, keys);
  const paces = new TargetPaces(await openBudgets(ports.connection));
  paceMetrics(ports.monitor, paces);
  const openers = new ConnectorOpeners(
    { vault, onRequest: requestMetrics(ports.monitor), network: config.PROVIDENT_ALLOWED_NETWORKS },
    paces,
  );
  const pool = workPool(ports, (jobId) => [
    {
      unit: { jobId, lane: wholeJob },
      run: (signal, assertHeld) => new JobImporter(jobId, { ...ports, database, config, open: openers, assertHeld }).run(signal),
    },
  ]);
  const simulations = new Simulations(ports.connection, {
    ...ports,
    database,
    config,
    store: await openNatsSimulations(ports.connection),
    openers,
    keys,
  });
  const close = async (): Promise<void> => {
    await simulations.stop();
    await vault.close();
    await database.destroy();
  };
  return {
    module: ImporterModule,
    controllers: [DescribeSourceController, OnDemandController, RulesPreviewController, SimulationsController],
    providers: [
      { provide: DemandPorts, useValue: ports },
      { provide: BaseDir, useValue: new BaseDir(config.PROVIDENT_BASE_DIR) },
      { provide: ConnectorOpeners, useValue: openers },
      { provide: PoolRunner, useValue: new PoolRunner(pool, close) },
      {
        provide: RulesPreview,
        useValue: new RulesPreview(
          new BaseDir(config.PROVIDENT_BASE_DIR),
          (source, options) => openers.source(source, options),
          () => ports.registry.list().map(({ configured }) => configured.definition),
        ),
      },
      { provide: Simulations, useValue: simulations },
    ],
  };
}
