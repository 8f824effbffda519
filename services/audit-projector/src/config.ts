import { BaseConfig } from '@provident/service-kit';
import { durationMs, KeptFor, type Retention } from '@provident/domain';
import { z } from 'zod';

/** What is removed sooner could not be looked at after a weekend. */
const KeptLong = KeptFor.refine((text) => text === 'forever' || durationMs(text) >= durationMs('1d'), 'must be at least 1d, or forever');

export const AuditProjectorConfig = BaseConfig.extend({
  READ_MODEL_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .default('read_model')
    .describe('Postgres schema of the read models; another name builds a second set beside the first'),
  PROVIDENT_RETENTION_LOG: KeptLong.default('forever').describe(
    'How long entries of the provisioning log are kept for jobs that do not say: a duration such as 400d, or forever',
  ),
  PROVIDENT_RETENTION_EVENTS: KeptLong.default('forever').describe('The same for the events behind them'),
  PROJECTION_BATCH: z.coerce.number().int().min(1).max(10_000).default(300).describe('Events in one transaction at most'),
});
export type AuditProjectorConfig = z.infer<typeof AuditProjectorConfig>;

export const retentionOf = ({ PROVIDENT_RETENTION_LOG: log, PROVIDENT_RETENTION_EVENTS: events }: AuditProjectorConfig): Retention => ({
  log,
  events,
});
