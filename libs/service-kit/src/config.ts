import { randomUUID } from 'node:crypto';

import { z } from 'zod';

/** What every service needs to know. */
export const BaseConfig = z.object({
  NATS_URL: z.url().describe('Where NATS answers, such as nats://127.0.0.1:4222'),
  NATS_SYNC: z
    .enum(['always', 'waived'])
    .optional()
    .describe(
      '`always`: it is known that NATS writes synchronously; `waived`: it may not, and acknowledged events may be lost in a power cut',
    ),
  NATS_MONITORING_URL: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Where the monitoring of NATS answers, such as http://127.0.0.1:8222: there it is looked up; of several servers separated by commas',
    ),
  DATABASE_URL: z.url().describe('Where Postgres answers, such as postgres://user:password@127.0.0.1:5432/provident'),
  PROVIDENT_INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .default(() => randomUUID())
    .describe('Name of this instance; given again only once its predecessor is dead'),
  PROVIDENT_STREAM: z.string().default('PROVISIONING').describe('Name of the stream that holds the log'),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Port of `/metrics`, `/health/live` and `/health/ready` of this service; without it there are none'),
  METRICS_HOST: z.string().min(1).default('127.0.0.1').describe('Address that these listen on; whoever reaches it may read them'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type BaseConfig = z.infer<typeof BaseConfig>;

/** The configuration cannot be used; the message names every problem. */
export class ConfigUnusable extends Error {
  override readonly name = 'ConfigUnusable';
}

/**
 * Reads the configuration from the environment, once.
 * @throws ConfigUnusable with all problems together
 */
export function readConfig<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv = process.env): z.infer<Schema> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new ConfigUnusable(
    `the environment is not complete: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
  );
}
