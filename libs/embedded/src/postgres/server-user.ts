import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';
import { run } from '../run.js';
import type { Say } from '../started-server.js';

/** PostgreSQL refuses to run as root; this is who runs it instead. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whom to run the server as; nothing when this process is not root and may do it itself. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    if (uid.status === 0 && gid.status === 0) return { name, uid: Number(uid.output), gid: Number(gid.output) };
  }
  throw new EmbeddedError(
    'PostgreSQL does not run as root, and neither a user `postgres` nor `nobody` exists: start Provident as an ordinary user.',
  );
}

export const asUser = (user: ServerUser | undefined): { uid?: number; gid?: number } => (user ? { uid: user.uid, gid: user.gid } : {});

/** A short name that stays the same for a folder. */
const nameFor = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 16);

/** Makes a folder that belongs to the server's user and to nobody else. */
export async function ownFolder(folder: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (user) await chown(folder, user.uid, user.gid);
}

/** Where the server's files can live: in the data folder, or elsewhere when that is closed to its user. */
export async function reachableHome(dataFolder: string, user: ServerUser | undefined, say: Say): Promise<string> {
  const inside = join(dataFolder, 'postgres');
  await ownFolder(inside, user);
  if (!user || (await canEnter(inside, user))) return inside;
  const outside = join('/var/lib/provident', nameFor(dataFolder), 'postgres');
  await ownFolder(outside, user);
  if (!(await canEnter(outside, user))) {
    throw new EmbeddedError(
      `The user ${user.name}, who has to run PostgreSQL, can reach neither ${inside} nor ${outside}: choose another data folder.`,
    );
  }
  await rm(inside, { recursive: true });
  say(`PostgreSQL: its user ${user.name} cannot reach ${dataFolder}, so the database is kept in ${outside}.`);
  return outside;
}

async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'test -w "$0" && test -x "$0"', folder], { cwd: '/', ...asUser(user) })).status === 0;
}

/** A folder with the same binaries which the server's user can run; copies them once when the given one is closed to it. */
export async function reachableBinaries(bin: string, user: ServerUser | undefined, say: Say): Promise<string> {
  if (!user || (await canRun(bin, user))) return bin;
  const copy = join('/var/cache/provident', `postgres-${nameFor(bin)}`);
  const copiedBin = join(copy, basename(bin));
  if (await canRun(copiedBin, user)) return copiedBin;
  const draft = `${copy}.${process.pid}.new`;
  await mkdir(dirname(copy), { recursive: true });
  await cp(dirname(bin), draft, { recursive: true, verbatimSymlinks: true });
  await chmod(draft, 0o755);
  await rm(copy, { recursive: true, force: true });
  await rename(draft, copy);
  if (!(await canRun(copiedBin, user))) {
    throw new EmbeddedError(
      `The user ${user.name}, who has to run PostgreSQL, can run the binaries neither in ${bin} nor in ${copiedBin}.`,
    );
  }
  say(`PostgreSQL: its user ${user.name} cannot reach ${bin}, so the binaries were copied to ${copy}.`);
  return copiedBin;
}

async function canRun(bin: string, user: ServerUser): Promise<boolean> {
  return (await run(join(bin, 'postgres'), ['--version'], { cwd: '/', ...asUser(user) })).status === 0;
}
