import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';

import { keyBytes } from '../seal.js';
import { VaultUnusable } from '../vault-error.js';
import { LocalMasterKey } from './master-key.js';

const head = `# Master keys of Provident, the newest first. Whoever has one can open what the vault holds: keep this file, apart from backups, and keep it to yourself.`;

/** Keys as the file holds them, one on each line, the newest first. @throws VaultUnusable */
export async function readKeyFile(file: string): Promise<{ lines: string[]; keys: LocalMasterKey[] }> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new VaultUnusable(
      `the master key file ${file} cannot be read (${cause.code ?? cause.message}): put it back, or correct PROVIDENT_MASTER_KEY_FILE`,
      { cause },
    );
  });
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new VaultUnusable(`the master key file ${file} is empty: put the key back that the vault was sealed under`);
  return { lines, keys: lines.map((line) => LocalMasterKey.parse(line, `the master key file ${file}`)) };
}

/** Makes the file with a new key, for its owner alone, unless it is there: of several who try, one does. */
export async function makeKeyFile(file: string): Promise<void> {
  await place(file, [newKey()], link).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return;
    throw new VaultUnusable(`the master key file ${file} cannot be made (${error.code ?? error.message})`, { cause: error });
  });
}

/** Puts other keys into the file: it is whole at any time, the old one or the new. @throws VaultUnusable */
export async function writeKeyFile(file: string, lines: readonly string[]): Promise<void> {
  await place(file, lines, rename).catch((cause: NodeJS.ErrnoException) => {
    throw new VaultUnusable(`the master key file ${file} cannot be written (${cause.code ?? cause.message})`, { cause });
  });
}

export const newKey = (): string => randomBytes(keyBytes).toString('base64');

async function place(file: string, lines: readonly string[], put: (from: string, to: string) => Promise<void>): Promise<void> {
  const draft = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    const opened = await open(draft, 'wx', 0o600);
    try {
      await opened.writeFile(`${[head, ...lines].join('\n')}\n`);
      await opened.sync();
    } finally {
      await opened.close();
    }
    await put(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
