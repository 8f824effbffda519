import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { SecretRef } from '@provident/domain';

import { SecretUnavailable } from '../vault-error.js';
import type { SecretReader } from '../vault.js';

export interface SecretPlaces {
  /** Folder that a relative path starts from. */
  readonly baseDir: string;
  /** Where named secrets are; without one there are none. */
  readonly vault?: SecretReader | undefined;
}

/**
 * The secret that a reference points to, as it is now.
 *
 * - `env`: the variable as it is. Unset or empty counts as missing.
 * - `file`: the file's text in UTF-8 without its last line break (`\n` or `\r\n`). An empty file counts as missing.
 * - `secret`: the value of that name in the vault.
 *
 * @throws SecretUnavailable
 */
export async function resolveSecret(ref: SecretRef, { baseDir, vault }: SecretPlaces): Promise<string> {
  if ('env' in ref) return secretFromEnvironment(ref.env);
  if ('file' in ref) return secretFromFile(ref.file, baseDir);
  if (vault) return vault.readSecret(ref.secret);
  throw new SecretUnavailable('secret-unreadable', `the secret "${ref.secret}" cannot be read: no vault is open here`);
}

function secretFromEnvironment(name: string): string {
  const secret = process.env[name];
  if (secret) return secret;
  throw new SecretUnavailable('secret-missing', `the environment variable ${name}, which should hold a secret, is not set`);
}

async function secretFromFile(path: string, baseDir: string): Promise<string> {
  const text = await read(resolve(baseDir, path)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new SecretUnavailable('secret-missing', `the secret's file ${path} is not there`, { cause });
    throw new SecretUnavailable('secret-unreadable', `the secret's file ${path} cannot be read`, { cause });
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret) return secret;
  throw new SecretUnavailable('secret-missing', `the secret's file ${path} is empty`);
}

/** What a process knows of itself, such as the environment that it was started with, is nobody's secret to send. */
async function read(path: string): Promise<string> {
  const real = await realpath(path);
  if (/^\/(proc|sys|dev)\//.test(real)) throw new Error('a file of the system');
  return readFile(real, 'utf8');
}
