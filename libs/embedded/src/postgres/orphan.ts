import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';
import { endProcess } from '../launch.js';
import { commandLine, isAlive } from '../processes.js';
import type { Say } from '../started-server.js';

/** SIGINT is PostgreSQL's fast and clean stop; SIGQUIT leaves recovery to the next start. */
export const STOP_POSTGRES = [
  { signal: 'SIGINT', graceMs: 60_000 },
  { signal: 'SIGQUIT', graceMs: 10_000 },
  { signal: 'SIGKILL', graceMs: 10_000 },
] as const;

/** The server that writes to a cluster folder, as far as its own file tells. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** Stops a server that outlived the run which started it; a file that names a process of somebody else is removed. */
export async function stopOrphan(dataDir: string, say: Say): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid === undefined || !isAlive(pid)) return; // PostgreSQL itself copes with a dead one
  if (!(await worksIn(pid, dataDir))) {
    await rm(join(dataDir, 'postmaster.pid'), { force: true });
    return;
  }
  say(`PostgreSQL: a server of an earlier run (process ${pid}) was still there; stopping it.`);
  await endProcess(pid, STOP_POSTGRES);
  if (isAlive(pid)) throw new EmbeddedError(`PostgreSQL of an earlier run (process ${pid}) does not end: stop it by hand and start again.`);
}

async function worksIn(pid: number, dataDir: string): Promise<boolean> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  return folder === dataDir || (await commandLine(pid)).includes(dataDir);
}
