import { Module, type DynamicModule } from '@nestjs/common';
import { PoolRunner, type ServicePorts, lanePool } from '@provident/service-kit';

import { evaluateLanes } from './evaluate-lanes.js';

@Module({})
class RuleEvaluatorModule {}

/** The rule evaluator: one pool over the lanes of all jobs, and nothing else. */
export function ruleEvaluatorModule(ports: ServicePorts): DynamicModule {
  const pool = lanePool(ports, evaluateLanes(ports.registry));
  return { module: RuleEvaluatorModule, providers: [{ provide: PoolRunner, useValue: new PoolRunner(pool) }] };
}
