import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running installation keeps an administrator token for whoever owns its data: made when it lets nobody in without one. */
export const machineTokenFile = (dataFolder: string): string => join(dataFolder, 'administrator.token');

/** undefined where there is none, or none that this user may read. */
export async function findMachineToken(dataFolder: string): Promise<string | undefined> {
  const text = await readFile(machineTokenFile(dataFolder), 'utf8').catch(() => '');
  return text.trim() || undefined;
}
