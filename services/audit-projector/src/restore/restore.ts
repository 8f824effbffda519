import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

import { ArchiveUnusable, assertRoomFor, connectBroker, listSessions, restoreLog } from '@provident/bus';

import { forgetStates } from './forget-states.js';

export interface RestoreOptions {
  readonly file: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly stream: string;
}

/** An instance that has not been heard of for so long is not running. */
const silentMs = 6_000;

/**
 * Puts a backup into an installation that has no events yet, and drops what its services remember: they make it anew from the log.
 * @returns what was done, in a sentence
 * @throws ArchiveUnusable with nothing changed but, at most, states that are made from the log anyway
 */
export async function restore({ file, natsUrl, databaseUrl, stream }: RestoreOptions): Promise<string> {
  const connection = await connectBroker(natsUrl, 'restore');
  try {
    const now = Date.now();
    const living = (await listSessions(connection)).filter(({ at }) => now - Date.parse(at) < silentMs);
    if (living.length > 0)
      throw new ArchiveUnusable(
        `services are running, or ended moments ago (${living.map(({ instance }) => instance).join(', ')}): stop them, and try again`,
      );
    await assertRoomFor(connection, stream);
    const states = await forgetStates(databaseUrl);
    const { events, madeAt } = await restoreLog(connection, linesOf(file), { stream });
    return `${events} events as of ${madeAt} are back${states.length > 0 ? `; what services remembered (${states.join(', ')}) is made anew` : ''}`;
  } finally {
    await connection.close();
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const compressed = createReadStream(file);
  const text = createGunzip();
  compressed.once('error', (error) => text.destroy(error));
  compressed.pipe(text);
  try {
    yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    throw new ArchiveUnusable(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
