#!/usr/bin/env node
// Starts the program with the repository's own Node and builds it if need be. Plain JavaScript: an old Node must get as far as the message.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = new URL('../dist/main.js', import.meta.url);
const oldest = [22, 22];

const pinned = findPinnedNode();
if (pinned && pinned.version !== process.versions.node && !process.env.PROVIDENT_NODE_CHOSEN) runWith(pinned.file);
else if (isTooOld(process.versions.node))
  refuse(
    `Provident needs Node ${oldest.join('.')} or newer, and this is ${process.versions.node}: run "npm install" here, which brings one, or install a newer Node`,
  );
else {
  buildIfMissing();
  await import(main.href);
}

/** The Node that `npm install` has put into the repository; null when this platform has none there. */
function findPinnedNode() {
  try {
    const file = realpathSync(join(root, 'node_modules', '.bin', 'node'));
    return { file, version: JSON.parse(readFileSync(join(file, '..', '..', 'package.json'), 'utf8')).version };
  } catch {
    return null;
  }
}

function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** The channel lets the child notice our end, whatever it was. */
function runWith(node) {
  const env = Object.assign({}, process.env, { PROVIDENT_NODE_CHOSEN: '1' });
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`${node} cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code));
}

function buildIfMissing() {
  if (existsSync(main)) return;
  process.stderr.write('Building Provident, once; this takes half a minute.\n');
  const { status } = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0 || !existsSync(main)) refuse('the build failed: what it says above comes first');
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
