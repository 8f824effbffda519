import { Module, type DynamicModule } from '@nestjs/common';
import { PoolRunner, type ServicePorts, lanePool, openVault, withPrivacy } from '@provident/service-kit';

import type { RuleEvaluatorConfig } from './config.js';
import { evaluateLanes } from './evaluate-lanes.js';

@Module({})
class RuleEvaluatorModule {}

/** The rule evaluator: one pool over the lanes of all jobs, and the keys of those whose values are sealed. */
export async function ruleEvaluatorModule(plain: ServicePorts, config: RuleEvaluatorConfig): Promise<DynamicModule> {
  const vault = await openVault(config);
  const ports = withPrivacy(plain, vault.people());
  const pool = lanePool(ports, evaluateLanes(ports.registry));
  return { module: RuleEvaluatorModule, providers: [{ provide: PoolRunner, useValue: new PoolRunner(pool, () => vault.close()) }] };
}
