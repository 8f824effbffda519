import { BaseConfig, bootstrap } from '@provident/service-kit';

import { ruleEvaluatorModule } from './rule-evaluator.module.js';

await bootstrap({ name: 'rule-evaluator', config: BaseConfig, module: async (ports) => ruleEvaluatorModule(ports) });
