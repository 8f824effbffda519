import { networkSettings } from '@provident/connectors/config';
import { BaseConfig, vaultSettings } from '@provident/service-kit';
import { z } from 'zod';

export const SchedulerConfig = BaseConfig.extend({
  ...vaultSettings,
  ...networkSettings,
  PROVIDENT_BASE_DIR: z.string().optional().describe('Where relative paths of every job start, whatever its sender said; for containers'),
  PROVIDENT_SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Mail server for notices, such as smtp://user:password@mail.example.com:587; smtps:// for TLS from the start'),
  PROVIDENT_SMTP_FROM: z.string().min(3).default('Provident <provident@localhost>').describe('Sender of notices'),
});
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;
