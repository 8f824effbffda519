import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { SecretRef } from '@provident/domain';

import { NoticeUndelivered } from './notice-failure.js';

/** The secret that a reference points to: read at each use, so that it can be changed. @throws NoticeUndelivered which never holds it */
export async function readSecret(ref: SecretRef, baseDir: string): Promise<string> {
  const where = 'env' in ref ? `the environment variable ${ref.env}` : `the file ${ref.file}`;
  const text = 'env' in ref ? process.env[ref.env] : await readFile(resolve(baseDir, ref.file), 'utf8').catch(() => undefined);
  const secret = text?.replace(/\r?\n$/, '');
  if (!secret) throw new NoticeUndelivered(`the secret of the webhook is missing: ${where} of the job-scheduler does not hold it`);
  return secret;
}
