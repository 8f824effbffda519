import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code.js';
import { writableFolder } from './data-folder-path.js';
import { EmbeddedError } from './embedded-error.js';
import { beginOf, isAlive } from './processes.js';

/** A data folder that belongs to this process until released. */
export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  /** Lets the next one in. Also done when this process exits. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** When that process began: its pid may belong to another one by now. */
  readonly begin: string;
}

/**
 * Takes a data folder for this process alone; makes it if need be.
 * @throws EmbeddedError in one line when it cannot be written, or another living process has it
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = await writableFolder(folder);
  const logs = join(path, 'logs');
  await mkdir(logs, { recursive: true });
  const lockFile = join(path, 'lock');
  await lock(lockFile, path);
  const release = () => {
    if (readHolder(lockFile)?.pid === process.pid) rmSync(lockFile, { force: true });
    process.off('exit', release);
  };
  process.on('exit', release);
  return { path, logs, release };
}

async function lock(lockFile: string, folder: string): Promise<void> {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, begin: await beginOf(process.pid) } satisfies Holder));
  try {
    while (!tryLink(mine, lockFile)) {
      const holder = readHolder(lockFile);
      if (holder && (await lives(holder))) {
        throw new EmbeddedError(
          `Provident is already running on ${folder} (process ${holder.pid}): stop it first, or choose another data folder.`,
        );
      }
      takeAway(lockFile, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A link appears complete or not at all, and only if nobody was first. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead holder; should it have become a living one's in between, puts it back. */
function takeAway(lockFile: string, dead: Holder | undefined): void {
  const aside = `${lockFile}.${process.pid}.old`;
  try {
    renameSync(lockFile, aside);
  } catch {
    return; // somebody else was faster
  }
  const taken = readHolder(aside);
  if (taken?.pid !== dead?.pid || taken?.begin !== dead?.begin) tryLink(aside, lockFile);
  unlinkSync(aside);
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

const lives = async ({ pid, begin }: Holder): Promise<boolean> => isAlive(pid) && (await beginOf(pid)) === begin;
