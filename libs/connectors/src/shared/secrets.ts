import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { SecretRef } from '@provident/domain';
import { ConnectorError } from '../connector-error.js';

/**
 * The secret that a reference points to.
 *
 * - `env`: the variable as it is. Unset or empty counts as missing.
 * - `file`: the file's text in UTF-8 without its last line break (`\n` or `\r\n`). An empty file counts as missing.
 *
 * @param baseDir folder that a relative path starts from
 * @throws ConnectorError `misconfigured`; the message names the variable or the path and never the secret
 */
export async function resolveSecret(ref: SecretRef, baseDir = process.cwd()): Promise<string> {
  return 'env' in ref ? secretFromEnvironment(ref.env) : secretFromFile(ref.file, baseDir);
}

function secretFromEnvironment(name: string): string {
  const secret = process.env[name];
  if (secret) return secret;
  throw misconfigured('secret-missing', `the environment variable ${name}, which should hold a secret, is not set`);
}

async function secretFromFile(path: string, baseDir: string): Promise<string> {
  const absolute = isAbsolute(path) ? path : resolve(baseDir, path);
  const text = await readFile(absolute, 'utf8').catch((cause: unknown) => {
    throw misconfigured('secret-unreadable', `the secret's file ${path} cannot be read`, cause);
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret) return secret;
  throw misconfigured('secret-missing', `the secret's file ${path} is empty`);
}

function misconfigured(code: string, message: string, cause?: unknown): ConnectorError {
  return new ConnectorError({ kind: 'misconfigured', code, message }, { cause });
}
