import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
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
    await assertNobodyRuns(connection);
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

/**
 * Takes the log that is there for the truth, such as after it was set back to an older state: what services made of another is dropped, and they make it
 * anew.
 * @returns what was done, in a sentence
 * @throws ArchiveUnusable with nothing changed
 */
export async function believeLog({ natsUrl, databaseUrl, stream }: Omit<RestoreOptions, 'file' | 'keys'>): Promise<string> {
  const connection = await connectBroker(natsUrl, 'restore');
  try {
    await assertNobodyRuns(connection);
    const { state } = await (await jetstreamManager(connection)).streams.info(stream).catch((cause: unknown) => {
      throw new ArchiveUnusable(`there is no log to go by: ${(cause as Error).message}`, { cause });
    });
    const states = await forgetStates(databaseUrl);
    return `The log that is there, with ${state.messages} events, is the truth now; what services remembered (${states.join(', ') || 'nothing'}) is made anew from it`;
  } finally {
    await connection.close();
  }
}

async function assertNobodyRuns(connection: NatsConnection): Promise<void> {
  const now = Date.now();
  const living = (await listSessions(connection)).filter(({ at }) => now - Date.parse(at) < silentMs);
  if (living.length === 0) return;
  const names = living.map(({ instance }) => instance).join(', ');
  throw new ArchiveUnusable(`services are running, or ended moments ago (${names}): stop them, and try again`);
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
    throw new ArchiveUnusable(whyUnreadable(file, cause as NodeJS.ErrnoException), { cause });
  }
}

function whyUnreadable(file: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return `there is no file ${file}`;
    case 'Z_DATA_ERROR':
      return `${file} is no backup, or damaged: its content is not what "provident backup" writes (${message})`;
    case 'Z_BUF_ERROR':
      return `${file} ends too early: a backup that broke off, or was not copied to its end`;
    default:
      return `${file} cannot be read: ${message}`;
  }
}
