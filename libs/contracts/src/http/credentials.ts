import { z } from 'zod';

export const systemsOfJob = ['source', 'target'] as const;
export const SystemOfJob = z.enum(systemsOfJob);
export type SystemOfJob = z.infer<typeof SystemOfJob>;

export const credentialPaths = {
  credentials: '/provident/v1/jobs/:jobId/credentials',
  testConnection: '/provident/v1/jobs/:jobId/systems/:system/test',
} as const;

/** Whether a system let us in when it was asked. */
export const ConnectionTestView = z.object({
  system: SystemOfJob,
  ok: z.boolean(),
  /** What it calls itself and holds; or why it could not be asked, in its own words. */
  message: z.string(),
  tookMs: z.number(),
});
export type ConnectionTestView = z.infer<typeof ConnectionTestView>;

/** What a job shows to get in, by name: nobody is ever told a value. */
export const CredentialsView = z.object({
  systems: z.array(
    z.object({
      system: SystemOfJob,
      name: z.string(),
      connector: z.string(),
      /** Of the rules that applied then; null: never. */
      lastTest: z.object({ at: z.string(), by: z.string(), ok: z.boolean(), message: z.string() }).nullable(),
    }),
  ),
  credentials: z.array(
    z.object({
      /** Where it stands in the job file: `target.config.auth.bearer`. */
      place: z.string(),
      /** `notify`: of the notices. */
      of: z.enum([...systemsOfJob, 'notify']),
      /** Of the vault, of an environment variable of the services, of a file. */
      kind: z.enum(['secret', 'env', 'file']),
      /** Of the secret or the variable, or the path of the file. */
      name: z.string(),
      /** Of a secret; null: it is not there, or is none of the vault. */
      setAt: z.string().nullable(),
      setBy: z.string().nullable(),
    }),
  ),
});
export type CredentialsView = z.infer<typeof CredentialsView>;
