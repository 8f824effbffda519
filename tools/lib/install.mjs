/** Installs the locked dependencies when they are missing or no longer those of the lock file. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fail, inRoot, run } from './workspace.mjs';

const lockFile = inRoot('package-lock.json');
const stamp = inRoot('node_modules', '.provident-lock');
const npmRecord = inRoot('node_modules', '.package-lock.json');

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** Why an installation is due, or nothing. */
export function reasonToInstall() {
  if (!existsSync(npmRecord)) return 'dependencies are not installed';
  const hash = lockHash();
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8').trim() === hash ? undefined : 'package-lock.json has changed';
  if (statSync(lockFile).mtimeMs > statSync(npmRecord).mtimeMs + 60_000) return 'package-lock.json is newer than what is installed';
  writeFileSync(stamp, `${hash}\n`); // installed by hand: from now on the lock file's content decides
  return undefined;
}

export async function installIfNeeded() {
  const reason = reasonToInstall();
  if (!reason) return false;
  process.stdout.write(`Installing: ${reason}.\n`);
  const { status, output } = await run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { quiet: true, env: process.env });
  if (status !== 0) fail(`${output.trim()}\nnpm ci failed (status ${status}); nothing was started.`);
  writeFileSync(stamp, `${lockHash()}\n`);
  return true;
}
