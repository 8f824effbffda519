import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Connection, openAndMigrate, restoreIndexes, setIndexesAside } from '@provident/projection';

import type { Teardown } from '../process/teardown.js';
import type { World } from '../world.js';
import { copiesFor, multiply, type Multiplied } from './multiply.js';
import { project, type Projected } from './project.js';
import { stockEntries, stockEvents } from './stock.js';

export const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

export interface Filled extends Multiplied {
  readonly entries: number;
  readonly stock: Projected;
  readonly fillSeconds: number;
  readonly indexSeconds: number;
  readonly gigabytes: number;
}

export interface Filling {
  /** Entries of the provisioning log, about. */
  readonly entries: number;
  /** Something to do once the stock is there and before it is copied. */
  readonly beforeCopies?: () => Promise<void>;
  /** Whether the world's folder stays: then it is filled once. */
  readonly stays?: boolean;
  readonly say: (line: string) => void;
}

/** Read models with so many entries: the stock through the projector, and the rest copied from it within the database. */
export async function fillReadModels(
  world: World,
  teardown: Teardown,
  { entries, beforeCopies, stays = false, say }: Filling,
): Promise<Filled> {
  const dataSource = await openAndMigrate({ url: world.postgres.url, poolSize: 1, applicationName: 'bench' });
  teardown.add(() => dataSource.destroy());
  const connection = (await dataSource.createQueryRunner().connect()) as Connection;
  const note = join(world.folder, 'filled.json');
  const noted = stays ? await readNote(note) : null;
  if (noted) {
    await beforeCopies?.();
    const { rows } = await connection.query<{ sequence: number }>('select sequence from position');
    return { ...noted, events: rows[0]!.sequence };
  }

  say(`the stock, ${stockEntries} entries, through the projector`);
  const startedAt = new Date(Date.now() - yearMs).toISOString();
  const stock = await project(connection, stockEvents(startedAt));
  await beforeCopies?.();
  const copies = copiesFor(entries);
  say(`${copies * stockEntries} entries, copied from it`);
  await setIndexesAside(connection);
  const onProgress = (done: number): void => void (done % 50 === 0 && say(`  ${done} of ${copies}`));
  const [filled, fillSeconds] = await timed(() => multiply(connection, { copies, startedAt, onProgress }));
  say('indexes');
  const [, indexSeconds] = await timed(() => restoreIndexes(connection));
  await connection.query('checkpoint');
  const { rows } = await connection.query<{ gigabytes: number }>('select pg_database_size(current_database())::float8 / 1e9 as gigabytes');
  const all = { ...filled, entries: copies * stockEntries, stock, fillSeconds, indexSeconds, gigabytes: rows[0]!.gigabytes };
  if (stays) await writeFile(note, JSON.stringify(all));
  return all;
}

/** What an earlier run filled; null when none came to its end. */
async function readNote(file: string): Promise<Filled | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Filled;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** How much that is, in a line. */
export function sizeOf({ entries, events, gigabytes, fillSeconds, indexSeconds }: Omit<Filled, 'copies' | 'blocks'>): string {
  const size = `${entries.toLocaleString('en-US')} entries, ${events.toLocaleString('en-US')} events, ${gigabytes.toFixed(1)} GB`;
  return `${size}; filled in ${fillSeconds.toFixed(0)} s, indexes made in ${indexSeconds.toFixed(0)} s`;
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<[answer: Answer, seconds: number]> {
  const begin = performance.now();
  const answer = await work();
  return [answer, (performance.now() - begin) / 1000];
}
