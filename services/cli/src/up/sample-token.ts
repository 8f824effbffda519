import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The sample target's token: made once, kept in the data folder for its owner alone. */
export async function sampleToken(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'sample-target.token');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept) return kept;
  const token = randomBytes(24).toString('base64url');
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}
