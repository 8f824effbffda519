import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a running `provident up` leaves in its data folder for the other commands. */
export const RunFile = z.object({ url: z.url(), pid: z.int(), startedAt: z.string() });
export type RunFile = z.infer<typeof RunFile>;

const nameIn = (dataDir: string): string => join(dataDir, 'run.json');

/** null when there is none, or none that can be read. */
export async function findRunFile(dataDir: string): Promise<RunFile | null> {
  const text = await readFile(nameIn(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return RunFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export async function writeRunFile(dataDir: string, run: RunFile): Promise<void> {
  const draft = `${nameIn(dataDir)}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify(run, null, 2)}\n`);
  await rename(draft, nameIn(dataDir));
}

export const removeRunFile = (dataDir: string): Promise<void> => rm(nameIn(dataDir), { force: true });

/** True while the process lives that wrote it. */
export function isRunning({ pid }: RunFile): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
