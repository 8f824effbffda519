import { constants } from 'node:fs';
import { access, mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedError } from './embedded-error.js';
import { errorCode } from './error-code.js';

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  ENOTDIR: 'not a folder',
  EEXIST: 'not a folder',
  ENOSPC: 'disk full',
};

/**
 * Makes the folder if need be and gives back its real path.
 * @throws EmbeddedError in one line when nothing can be written there
 */
export async function writableFolder(folder: string): Promise<string> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
    return await realpath(folder);
  } catch (error) {
    throw new EmbeddedError(
      `The data folder ${folder} cannot be written (${reasons[errorCode(error) ?? ''] ?? String(error)}): choose another one or correct its permissions.`,
    );
  }
}

/** As a recursive `mkdir`, which asks for ever on file systems that let nobody make folders (seen on /proc). */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}
