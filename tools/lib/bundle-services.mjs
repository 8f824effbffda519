/** The services' files that are started: made when what they are made from has changed, by content. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from './digest.mjs';
import { inRoot, pinnedNode, run } from './workspace.mjs';

const shared = inRoot('services', 'dist');
const record = join(shared, 'built-from');

/** Those that are started as a process of their own. */
export const serviceNames = () =>
  readdirSync(inRoot('services')).filter((name) => name !== 'cli' && existsSync(inRoot('services', name, 'src', 'main.ts')));

/** Bundles what has been compiled, if needed; gives back the bundler's words when it fails. */
export async function bundleServices() {
  const names = serviceNames();
  const digest = digestOf(madeFrom(names), (name) => name.endsWith('.js'));
  const isMade = names.every((name) => existsSync(inRoot('services', name, 'dist', 'service.mjs')));
  if (isMade && existsSync(record) && readFileSync(record, 'utf8') === digest) return { status: 0, output: '' };
  rmSync(shared, { recursive: true, force: true });
  const bundler = inRoot('node_modules', 'rolldown', 'bin', 'cli.mjs');
  const bundled = await run(pinnedNode(), [bundler, '--config', inRoot('tools', 'rolldown.config.mjs')], { quiet: true });
  if (bundled.status === 0) {
    mkdirSync(shared, { recursive: true });
    writeFileSync(record, digest);
  }
  return { ...bundled, output: bundled.status === 0 ? '' : bundled.output };
}

function madeFrom(names) {
  const libraries = readdirSync(inRoot('libs')).map((name) => inRoot('libs', name, 'dist'));
  const services = names.map((name) => inRoot('services', name, 'dist'));
  return [inRoot('package-lock.json'), inRoot('tools', 'rolldown.config.mjs'), ...libraries, ...services];
}
