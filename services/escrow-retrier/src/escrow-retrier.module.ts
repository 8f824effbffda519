import { type DynamicModule, Module } from '@nestjs/common';
import { PoolRunner, type ServicePorts, asksDatabase, lanePool, openDatabase, openVault, withPrivacy } from '@provident/service-kit';

import type { EscrowRetrierConfig } from './config.js';
import { escrowLanes } from './escrow-lanes.js';
import { escrowEntities, escrowMigrations } from './state/schema.js';

@Module({})
class EscrowRetrierModule {}

/** The escrow retrier: keeps failed objects and brings them back when they are due. */
export async function escrowRetrierModule(plain: ServicePorts, config: EscrowRetrierConfig): Promise<DynamicModule> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: 'escrow_retrier',
    entities: escrowEntities,
    migrations: escrowMigrations,
  });
  plain.monitor.addCheck('database', asksDatabase(database));
  const vault = await openVault(config);
  const ports = withPrivacy(plain, vault.people());
  const pool = lanePool(ports, escrowLanes({ log: ports.log, database, registry: ports.registry, now: ports.now }));
  const close = async (): Promise<void> => {
    await vault.close();
    await database.destroy();
  };
  return { module: EscrowRetrierModule, providers: [{ provide: PoolRunner, useValue: new PoolRunner(pool, close) }] };
}
