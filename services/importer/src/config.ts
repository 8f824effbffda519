import { networkSettings } from '@provident/connectors/config';
import { BaseConfig, vaultSettings } from '@provident/service-kit';
import { z } from 'zod';

export const ImporterConfig = BaseConfig.extend({
  ...vaultSettings,
  ...networkSettings,
  PROVIDENT_BASE_DIR: z.string().optional().describe('Where relative paths of every job start, whatever its sender said; for containers'),
  SOURCE_TIMEOUT_MS: z.coerce.number().int().positive().default(30_000).describe('Time that one request to a source may take'),
  TARGET_TIMEOUT_MS: z.coerce.number().int().positive().default(30_000).describe('Time that one request to a target may take'),
});
export type ImporterConfig = z.infer<typeof ImporterConfig>;
