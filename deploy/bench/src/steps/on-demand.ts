import { join } from 'node:path';

import { CycleClosed, is, jobLane, subjectOf } from '@provident/contracts';
import { asJobId } from '@provident/domain';

import { BenchError } from '../bench-error.js';
import { accountsOf, jobDefinition } from '../load/job.js';
import { isWanted, makePeople, writeCsv } from '../load/people.js';
import { type Spread, spreadOf } from '../load/percentile.js';
import type { BenchOptions } from '../options.js';
import type { World } from '../world.js';
import { checkAccounts } from './check-accounts.js';
import { startTarget } from './target.js';

const job = 'bench-on-demand';
const mostPeople = 5_000;
const by = { kind: 'application', name: 'bench' };

export interface OnDemandMeasured {
  /** People asked for, one after another, while the first cycle of all of them ran. */
  readonly asked: number;
  /** From the request to the answer, in ms. */
  readonly answered: Spread;
  /** What is not as it should be. */
  readonly problems: readonly string[];
}

/** Asks for one person after another while a first cycle imports the same people, and measures how long the answers take. */
export async function runOnDemand(
  world: World,
  { users, concurrency, seal }: Pick<BenchOptions, 'users' | 'concurrency' | 'seal'>,
  limitMs: number,
): Promise<OnDemandMeasured> {
  const target = await startTarget(world, 'target-on-demand');
  const people = makePeople(Math.min(users, mostPeople));
  await writeCsv(join(world.folder, 'on-demand.csv'), people);
  const definition = { ...jobDefinition('on-demand.csv', target.url, concurrency, seal), job };
  const closing = closed(world, limitMs);
  await world.order('apply-job', { definition, baseDir: world.folder, by });
  const took: number[] = [];
  const problems: string[] = [];
  const wanted = people.filter(isWanted);
  for (let isOver = false, at = 0; !isOver; at++) {
    const { employeeId } = wanted[(at * 7_919) % wanted.length]!;
    const startedAt = performance.now();
    const { results } = await world.order('provision-on-demand', { jobId: job, subjects: [{ id: employeeId }], by });
    took.push(performance.now() - startedAt);
    const [result] = results as { status: string; reason: { text: string } | null }[];
    if (!['success', 'skipped'].includes(result!.status))
      problems.push(`${employeeId} on demand: ${result!.status}, ${result!.reason?.text}`);
    isOver = await Promise.race([closing.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
  }
  return {
    asked: took.length,
    answered: spreadOf(took)!,
    problems: [...problems, ...checkAccounts(await target.accounts(), accountsOf(people))],
  };
}

async function closed({ log }: World, limitMs: number): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  for await (const events of log.read({ filters: [subjectOf(asJobId(job), jobLane, 'job-scheduler')], after: 0, signal })) {
    if (events.some((event) => is(event, CycleClosed))) return;
  }
  throw new BenchError(`the cycle of ${job} was not closed within ${limitMs / 1000} s`);
}
