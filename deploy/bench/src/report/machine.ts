import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

import { repositoryRoot } from '../places.js';
import type { World } from '../world.js';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly nats: string;
  readonly postgres: string;
  /** Middle of the time that 4 KiB take to be safe on the disk, in ms. */
  readonly syncMs: number;
  /** Whether the data folder lies in memory: then nothing is durable. */
  readonly inMemory: boolean;
  /** Of the last minute, before the bench began. */
  readonly load: number;
}

export function describeMachine({ nats, postgres, folder }: World, load: number): Machine {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    cpu: cpu?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    nats: nats.version,
    postgres: postgres.version,
    syncMs: syncMs(folder),
    inMemory: statfsSync(folder).type === tmpfs,
    load,
  };
}

const tmpfs = 0x01021994;
export const loadNow = (): number => Math.round(loadavg()[0]! * 100) / 100;

function syncMs(folder: string): number {
  const file = join(folder, 'sync-probe');
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 51 }, () => {
    const begin = performance.now();
    writeSync(handle, block);
    fdatasyncSync(handle);
    return performance.now() - begin;
  }).sort((a, b) => a - b);
  closeSync(handle);
  rmSync(file);
  return Math.round(times[25]! * 100) / 100;
}

/** What is measured: the commit, and `-dirty` when files differ from it; `unknown` outside of a clone. */
export function commitHere(): string {
  try {
    const isDirty = git('status', '--porcelain', '--', '.', ':!deploy/bench/results') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isDirty ? '-dirty' : '');
  } catch {
    return 'unknown';
  }
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
