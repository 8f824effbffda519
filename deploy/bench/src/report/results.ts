import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { resultsFolder } from '../places.js';
import type { Seal } from '../options.js';
import type { CpuByProcess } from '../process/family.js';
import type { Figure } from './figures.js';
import type { Machine } from './machine.js';

/** One run, as it is kept. */
export interface Result {
  readonly date: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly users: number;
  readonly changed: number;
  readonly concurrency: number;
  /** Absent: as usual. */
  readonly seal?: Seal;
  readonly machine: Machine;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly cpuSeconds: Readonly<Record<string, CpuByProcess>>;
}

const usualUsers = 20_000;

/** The newest kept result of the same size; null when there is none. */
export async function findEarlier({
  users,
  changed,
  concurrency,
  seal = 'usual',
}: Pick<Result, 'users' | 'changed' | 'concurrency' | 'seal'>): Promise<Result | null> {
  const names = await readdir(resultsFolder).catch(() => []);
  const kept = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => read(join(resultsFolder, name))));
  return (
    kept
      .filter((result) => result !== null)
      .filter((result) => (result.seal ?? 'usual') === seal)
      .filter((result) => result.users === users && result.changed === changed && result.concurrency === concurrency)
      .sort((a, b) => a.at.localeCompare(b.at))
      .at(-1) ?? null
  );
}

export async function save(result: Result): Promise<string> {
  const size = `${result.users === usualUsers ? '' : `-${result.users}`}${result.seal === 'all' ? '-sealed' : ''}`;
  const file = join(resultsFolder, `${result.date}-${result.commit}${size}.json`);
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(file, `${JSON.stringify(result, null, 1)}\n`);
  return file;
}

async function read(file: string): Promise<Result | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Result;
  } catch {
    return null; // somebody's notes are no result
  }
}
