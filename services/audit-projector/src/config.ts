import { BaseConfig } from '@provident/service-kit';
import { z } from 'zod';

export const AuditProjectorConfig = BaseConfig.extend({
  READ_MODEL_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .default('read_model')
    .describe('Postgres schema of the read models; another name builds a second set beside the first'),
  PROJECTION_BATCH: z.coerce.number().int().min(1).max(10_000).default(300).describe('Events in one transaction at most'),
});
export type AuditProjectorConfig = z.infer<typeof AuditProjectorConfig>;
