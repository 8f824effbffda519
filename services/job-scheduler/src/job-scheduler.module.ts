import { type DynamicModule, Module } from '@nestjs/common';
import { PoolRunner, type ServicePorts, asksDatabase, openDatabase, openVault, workPool } from '@provident/service-kit';

import { JobCommandsController } from './commands/job-commands.controller.js';
import { JobFiles } from './commands/job-files.js';
import { JobOwners } from './commands/job-owners.js';
import { SimulationOrders } from './commands/simulation-orders.js';
import type { SchedulerConfig } from './config.js';
import { JobKeeper } from './job-keeper.js';
import { schedulerEntities, schedulerMigrations } from './state/schema.js';

@Module({})
class JobSchedulerModule {}

/** The part of a job that one instance keeps: its life as a whole. */
const wholeJob = 'all';

/** The job scheduler: owns the life of every job. */
export async function jobSchedulerModule(ports: ServicePorts, config: SchedulerConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'job_scheduler',
    entities: schedulerEntities,
    migrations: schedulerMigrations,
  });
  ports.monitor.addCheck('database', asksDatabase(database));
  const vault = await openVault(config);
  const pool = workPool(ports, (jobId) => [
    {
      unit: { jobId, lane: wholeJob },
      run: (signal, assertHeld) => new JobKeeper(jobId, { ...ports, config, database, vault, assertHeld }).run(signal),
    },
  ]);
  const files = new JobFiles(ports, config.PROVIDENT_ALLOWED_NETWORKS);
  const close = async (): Promise<void> => {
    await vault.close();
    await database.destroy();
  };
  return {
    module: JobSchedulerModule,
    controllers: [JobCommandsController],
    providers: [
      { provide: PoolRunner, useValue: new PoolRunner(pool, close) },
      { provide: JobFiles, useValue: files },
      { provide: SimulationOrders, useValue: new SimulationOrders(ports, files) },
      { provide: JobOwners, useValue: new JobOwners(ports) },
    ],
  };
}
