/** The portal's static files: built when what they are made from has changed, by content. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from './digest.mjs';
import { inRoot, pinnedNode, run } from './workspace.mjs';

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
  const digest = digestOf(madeFrom, (name) => !/\.spec\.tsx?$/.test(name));
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
