import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { SeedSummary } from './simulation/run-seeds.js';

/** Folder of the repository: this file is `deploy/faults/{src,dist}/results.js` in it. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'deploy', 'faults', 'results');

/** Keeps what a long run has shown. @returns the file's path in the repository */
export async function save(
  { played, failed, seconds, totals }: SeedSummary,
  how: { engine: string; workers: number; from: number },
): Promise<string> {
  const at = new Date().toISOString();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const name = `${at.slice(0, 10)}-simulation-${commit}.json`;
  const result = {
    at,
    commit,
    ...how,
    cores: cpus().length,
    seeds: played,
    failed: failed.map(({ seed, problems }) => ({ seed, problems })),
    seconds: Math.round(seconds),
    seedsPerSecond: Number((played / seconds).toFixed(1)),
    totals: { ...totals, virtualMs: Math.round(totals.virtualMs) },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${JSON.stringify(result, null, 2)}\n`);
  return `deploy/faults/results/${name}`;
}
