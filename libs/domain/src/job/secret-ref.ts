import { z } from 'zod';

/** Names of secrets in the vault. */
export const SecretName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must be 1 to 100 letters, digits, dots, hyphens and underscores, the first one a letter or a digit',
  );

/** Where a credential lies. The value itself never enters a job file, an event or a row. */
export const SecretRef = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable of the service that holds the secret.') }),
    z.strictObject({ file: z.string().min(1).describe('Path of a file whose content, without the last line break, is the secret.') }),
    z.strictObject({ secret: SecretName.describe('Name of a secret in the vault, as `provident secret set NAME` put it there.') }),
  ])
  .describe('A reference to a secret: `{ env: NAME }`, `{ file: PATH }` or `{ secret: NAME }`.');
export type SecretRef = z.infer<typeof SecretRef>;
