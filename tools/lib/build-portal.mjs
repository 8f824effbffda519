/** The portal's static files: built when what they are made from has changed, by content. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, pinnedNode, root, run } from './workspace.mjs';

const folder = inRoot('services', 'portal');
const record = join(folder, 'dist', 'built-from');
const madeFrom = [
  inRoot('package-lock.json'),
  join(folder, 'index.html'),
  join(folder, 'vite.config.mjs'),
  join(folder, 'src'),
  inRoot('libs', 'contracts', 'package.json'),
  inRoot('libs', 'contracts', 'src'),
];

/** Builds if needed; gives back the bundler's words when it fails. */
export async function buildPortal() {
  const digest = digestOf(madeFrom.flatMap(filesIn));
  if (existsSync(join(folder, 'dist', 'public', 'index.html')) && existsSync(record) && readFileSync(record, 'utf8') === digest)
    return { status: 0, output: '' };
  const vite = inRoot('node_modules', 'vite', 'bin', 'vite.js');
  const built = await run(pinnedNode(), [vite, 'build', folder, '--logLevel', 'warn'], { quiet: true });
  if (built.status === 0) {
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(record, digest);
  }
  return built;
}

function filesIn(path) {
  const entries = existsSync(path) && !/\.\w+$/.test(path) ? readdirSync(path, { withFileTypes: true }) : null;
  if (!entries) return [path];
  return entries.flatMap((entry) => (/\.spec\.tsx?$/.test(entry.name) ? [] : filesIn(join(path, entry.name)))).sort();
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}
