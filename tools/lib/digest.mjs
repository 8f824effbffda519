/** What something is made from, as one hash of all its contents: file times say little after a clone. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './workspace.mjs';

/** Every file in the given folders and files that `isPart` wants. */
export function digestOf(paths, isPart) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesIn(path, isPart))) hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesIn(path, isPart) {
  const entries = existsSync(path) && !/\.\w+$/.test(path) ? readdirSync(path, { withFileTypes: true }) : null;
  if (!entries) return [path];
  return entries
    .flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return filesIn(inner, isPart);
      return isPart(entry.name) ? [inner] : [];
    })
    .sort();
}
