import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A folder of its own for one test. */
export async function tempFolder(name = 'test'): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `provident-${name}-`)));
  return {
    path,
    remove: async () => {
      await chmod(path, 0o700).catch(() => undefined);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Gives a folder to some work and removes it afterwards, whatever happens. */
export async function withTempFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = await tempFolder();
  try {
    return await work(folder.path);
  } finally {
    await folder.remove();
  }
}
