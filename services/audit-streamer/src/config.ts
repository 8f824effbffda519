import { networkSettings } from '@provident/connectors/config';
import { BaseConfig, vaultSettings } from '@provident/service-kit';
import { z } from 'zod';

export const AuditStreamerConfig = BaseConfig.extend({
  ...vaultSettings,
  ...networkSettings,
  READ_MODEL_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .default('read_model')
    .describe('Postgres schema of the read models'),
  PROVIDENT_TENANT_ID: z
    .guid()
    .toLowerCase()
    .default('00000000-0000-0000-0000-000000000000')
    .describe('GUID that streamed events give as tenant'),
  PROVIDENT_STREAM_FILES: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the files that events are streamed to; without it no stream may go to a file. Shared by all instances'),
});
export type AuditStreamerConfig = z.infer<typeof AuditStreamerConfig>;
