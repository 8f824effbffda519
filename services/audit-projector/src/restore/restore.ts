import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

import { ArchiveUnusable, assertRoomFor, connectBroker, listSessions, restoreLog } from '@provident/bus';
import { openDatabase } from '@provident/service-kit';
import { restoreVault, vaultMigrations, vaultSchema } from '@provident/vault';

import { forgetStates } from './forget-states.js';

export interface RestoreOptions {
  readonly file: string;
  /** What opens the values in it; null leaves the vault as it is. */
  readonly keys?: string | null;
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
export async function restore({ file, keys = null, natsUrl, databaseUrl, stream }: RestoreOptions): Promise<string> {
  const connection = await connectBroker(natsUrl, 'restore');
  try {
    const now = Date.now();
    const living = (await listSessions(connection)).filter(({ at }) => now - Date.parse(at) < silentMs);
    if (living.length > 0)
      throw new ArchiveUnusable(
        `services are running, or ended moments ago (${living.map(({ instance }) => instance).join(', ')}): stop them, and try again`,
      );
    await assertRoomFor(connection, stream);
    // First, because it may be refused: a log without its keys would be of little use.
    const vault = keys === null ? '' : await restoreKeys(keys, databaseUrl);
    const states = await forgetStates(databaseUrl);
    const { events, madeAt } = await restoreLog(connection, linesOf(file), { stream });
    return `${events} events as of ${madeAt} are back${states.length > 0 ? `; what services remembered (${states.join(', ')}) is made anew` : ''}${vault}`;
  } finally {
    await connection.close();
  }
}

async function restoreKeys(file: string, databaseUrl: string): Promise<string> {
  const database = await openDatabase({
    url: databaseUrl,
    schema: vaultSchema,
    entities: [],
    migrations: vaultMigrations,
    isMadeFromLog: false,
    poolSize: 2,
  });
  try {
    const { madeAt } = await restoreVault(database, linesOf(file));
    return `; the vault is as of ${madeAt}`;
  } finally {
    await database.destroy();
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
