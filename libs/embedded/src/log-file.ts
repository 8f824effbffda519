import { copyFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';

const LONGEST_LOG = 20 * 1024 * 1024;

/** Sets the log of earlier runs aside (`.1`) once it is long. For files nobody writes to yet. */
export function setAsideWhenLong(file: string, limit = LONGEST_LOG): void {
  if (sizeOf(file) > limit) renameSync(file, `${file}.1`);
}

/** The same while a process is appending to it: lines written in between may be lost. */
export function cutWhenLong(file: string, limit = LONGEST_LOG): void {
  if (sizeOf(file) <= limit) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
}

/** The last lines of a log, oldest first. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 16_000);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
  } finally {
    await handle.close();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
