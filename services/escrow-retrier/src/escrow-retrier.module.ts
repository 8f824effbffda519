import { type DynamicModule, Module } from '@nestjs/common';
import { type BaseConfig, PoolRunner, type ServicePorts, asksDatabase, lanePool, openDatabase } from '@provident/service-kit';

import { escrowLanes } from './escrow-lanes.js';
import { escrowEntities, escrowMigrations } from './state/schema.js';

@Module({})
class EscrowRetrierModule {}

/** The escrow retrier: keeps failed objects and brings them back when they are due. */
export async function escrowRetrierModule(ports: ServicePorts, config: BaseConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'escrow_retrier',
    entities: escrowEntities,
    migrations: escrowMigrations,
  });
  ports.monitor.addCheck('database', asksDatabase(database));
  const pool = lanePool(ports, escrowLanes({ log: ports.log, database, registry: ports.registry, now: ports.now }));
  return { module: EscrowRetrierModule, providers: [{ provide: PoolRunner, useValue: new PoolRunner(pool, () => database.destroy()) }] };
}
