/** The incremental build: one native compiler checks and emits everything that changed. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, pinnedNode, root, run } from './workspace.mjs';

export const compiler = inRoot('node_modules', 'ts7', 'bin', 'tsc');

/** Compiles the given projects, or all of them; gives back the compiler's words when it fails. */
export function compile(projects = [root]) {
  return run(pinnedNode(), [compiler, '-b', ...projects], { quiet: true });
}

/** Whether a source is newer than what was built from it: file times only, a few milliseconds. */
export function buildIsOutdated() {
  if (!existsSync(inRoot('services', 'cli', 'dist', 'main.js')) || !existsSync(inRoot('services', 'dist', 'built-from'))) return true;
  return ['libs', 'services'].some((group) =>
    readdirSync(inRoot(group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(inRoot(group, entry.name, 'tsconfig.json')))
      .some((entry) => projectIsOutdated(inRoot(group, entry.name))),
  );
}

function projectIsOutdated(folder) {
  const record = join(folder, 'dist', '.tsbuildinfo');
  if (!existsSync(record)) return true;
  const builtAt = statSync(record).mtimeMs;
  return newerThan(join(folder, 'src'), builtAt) || statSync(join(folder, 'tsconfig.json')).mtimeMs > builtAt;
}

function newerThan(folder, instant) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return newerThan(path, instant);
    return /\.tsx?$/.test(entry.name) && !/\.spec\.tsx?$/.test(entry.name) && statSync(path).mtimeMs > instant;
  });
}
