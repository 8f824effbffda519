import { BaseConfig, vaultSettings } from '@provident/service-kit';
import { z } from 'zod';

import { accessProblem, accessShape } from './access/settings.js';

const listed = (text: string): string[] => text.split(/[\s,]+/).filter((each) => each !== '');
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);

export const ReportApiConfig = BaseConfig.extend({
  ...vaultSettings,
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_730).describe('Port of the API; 0 takes any that is free'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the API listens on'),
  ...accessShape,
  PROVIDENT_RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(3_000)
    .describe('Requests a minute that each caller who signed in may send; 0 for no limit'),
  PROVIDENT_CORS_ORIGINS: z
    .string()
    .default('')
    .transform(listed)
    .pipe(z.array(z.string().refine(isOrigin, 'must be origins such as https://console.example.com, without a path')))
    .describe('Origins whose web pages may ask the API; none by default'),
  PROVIDENT_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(listed)
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be addresses such as 10.0.0.5 or 10.0.0.0/8')))
    .describe('Proxies whose X-Forwarded-For is believed; none by default'),
  PROVIDENT_TLS_CERT: z.string().min(1).optional().describe('Certificate chain (PEM) with which the API speaks TLS'),
  PROVIDENT_TLS_KEY: z.string().min(1).optional().describe('Its private key (PEM)'),
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
}).superRefine((config, context) => {
  const problem = accessProblem(config);
  if (problem) context.addIssue({ code: 'custom', path: [problem.path], message: problem.message });
  if ((config.PROVIDENT_TLS_CERT === undefined) !== (config.PROVIDENT_TLS_KEY === undefined))
    context.addIssue({ code: 'custom', path: ['PROVIDENT_TLS_KEY'], message: 'belongs with PROVIDENT_TLS_CERT: set both or neither' });
});
export type ReportApiConfig = z.infer<typeof ReportApiConfig>;
