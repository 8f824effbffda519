import { z } from 'zod';

/** Where a credential lies. The value itself never enters a job file, an event or a row. */
export const SecretRef = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable of the service that holds the secret.') }),
    z.strictObject({ file: z.string().min(1).describe('Path of a file whose content, without the last line break, is the secret.') }),
  ])
  .describe('A reference to a secret: `{ env: NAME }` or `{ file: PATH }`.');
export type SecretRef = z.infer<typeof SecretRef>;
