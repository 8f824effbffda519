import { KeyRing, Vault, vaultMigrations, vaultSchema } from '@provident/vault';
import { z } from 'zod';

import { openDatabase } from './database.js';

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** What a service needs to know that reads or writes secrets. */
export const vaultSettings = {
  PROVIDENT_MASTER_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('Master key of the vault: 32 random bytes as base64; several with commas between them, the newest first'),
  PROVIDENT_MASTER_KEY_FILE: z.string().min(1).optional().describe('File with such keys, one on each line, the newest first'),
  PROVIDENT_MASTER_KEY_FILE_MANAGED: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether that file is made when it is missing, and rewritten by "provident vault rotate"'),
  PROVIDENT_KMS_URL: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).protocol === 'https:' || loopback.test(new URL(url).hostname), 'must be https, or http on this machine')
    .optional()
    .describe('Key management service that wraps the data keys in place of a master key of our own'),
  PROVIDENT_KMS_KEY: z.string().min(1).default('provident').describe('Name of the key there'),
  PROVIDENT_KMS_TOKEN_FILE: z.string().min(1).optional().describe('File with the bearer token for that service'),
} as const;
const VaultSettings = z.object(vaultSettings);
type VaultSettings = z.infer<typeof VaultSettings>;

/**
 * Opens the vault, and brings its tables up to date.
 * @throws VaultUnusable, DatabaseUnusable
 */
export async function openVault(config: VaultSettings & { readonly DATABASE_URL: string }): Promise<Vault> {
  delete process.env['PROVIDENT_MASTER_KEY']; // no job may refer to it as to a secret of its own
  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema: vaultSchema,
    entities: [],
    migrations: vaultMigrations,
    isMadeFromLog: false,
    poolSize: 2,
  });
  try {
    return await Vault.open(database, await openRing(config, await Vault.isInUse(database)));
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function openRing(config: VaultSettings, isInUse: boolean): Promise<KeyRing> {
  const { PROVIDENT_KMS_URL: url, PROVIDENT_KMS_KEY: key, PROVIDENT_KMS_TOKEN_FILE: tokenFile } = config;
  const settings = {
    text: config.PROVIDENT_MASTER_KEY,
    file: config.PROVIDENT_MASTER_KEY_FILE,
    isFileOurs: config.PROVIDENT_MASTER_KEY_FILE_MANAGED === 'true',
    kms: url === undefined ? undefined : { url, key, tokenFile },
  };
  return KeyRing.open(settings, { isInUse });
}
