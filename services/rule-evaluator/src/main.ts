import { BaseConfig, bootstrap } from '@provident/service-kit';

import { ruleEvaluatorModule } from './rule-evaluator.module.js';

await bootstrap({ name: 'rule-evaluator', yields: true, config: BaseConfig, module: async (ports) => ruleEvaluatorModule(ports) });
