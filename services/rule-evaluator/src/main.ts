import { bootstrap } from '@provident/service-kit';

import { RuleEvaluatorConfig } from './config.js';
import { ruleEvaluatorModule } from './rule-evaluator.module.js';

await bootstrap({ name: 'rule-evaluator', yields: true, config: RuleEvaluatorConfig, module: ruleEvaluatorModule });
