import { BaseConfig, vaultSettings } from '@provident/service-kit';
import type { z } from 'zod';

export const RuleEvaluatorConfig = BaseConfig.extend(vaultSettings);
export type RuleEvaluatorConfig = z.infer<typeof RuleEvaluatorConfig>;
