import { BaseConfig, vaultSettings } from '@provident/service-kit';
import { z } from 'zod';

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export const isLoopback = (host: string): boolean => loopback.has(host);

export const ReportApiConfig = BaseConfig.extend({
  ...vaultSettings,
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_730).describe('Port of the API; 0 takes any that is free'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the API listens on'),
  PROVIDENT_INSECURE_BIND: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether the API may listen beyond this machine although it asks nobody who they are'),
  READ_MODEL_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .default('read_model')
    .describe('Postgres schema of the read models'),
  PROVIDENT_TENANT_ID: z
    .guid()
    .toLowerCase()
    .default('00000000-0000-0000-0000-000000000000')
    .describe('GUID that the Graph paths give as tenant'),
  PROVIDENT_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the API is for those who ask, for the links in its answers; as the request or a proxy before the API says by default'),
  PROVIDENT_BASE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Folder from which relative paths of a job start when its sender names none; the working directory by default'),
  PROVIDENT_PORTAL_DIR: z.string().min(1).optional().describe('Folder of the built portal; the one beside this service by default'),
}).refine((config) => isLoopback(config.HOST) || config.PROVIDENT_INSECURE_BIND === 'true', {
  path: ['HOST'],
  message:
    'the API has no authentication yet and would be open to everybody who can reach this address: keep 127.0.0.1 (and put a proxy that authenticates before it), or set PROVIDENT_INSECURE_BIND=true',
});
export type ReportApiConfig = z.infer<typeof ReportApiConfig>;
