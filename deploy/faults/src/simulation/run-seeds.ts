import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Answer, Order, Report } from '../programs/play.js';
import type { Engine } from './play-seeds.js';

export interface SeedRun {
  readonly from: number;
  readonly count: number;
  readonly workers: number;
  /** None is begun later than so long after the first. */
  readonly withinMs: number;
  readonly engine: Engine;
  /** So many failing seeds are enough. */
  readonly mostFailures: number;
  /** Told of each failing seed at once. */
  readonly failed: (report: Report) => void;
  readonly progress: (played: number, failed: number) => void;
}

export interface SeedSummary {
  readonly played: number;
  readonly failed: readonly Report[];
  readonly seconds: number;
  readonly totals: Report['counts'];
}

/** The seeds cannot be played, for a reason that is none of theirs. */
export class CannotPlay extends Error {
  override readonly name = 'CannotPlay';
}

const perOrder = 10;
const program = fileURLToPath(new URL('../programs/play.js', import.meta.url));

/** Plays many seeds in several processes. @throws CannotPlay */
export async function runSeeds({
  from,
  count,
  workers,
  withinMs,
  engine,
  mostFailures,
  failed: tell,
  progress,
}: SeedRun): Promise<SeedSummary> {
  const startedAt = performance.now();
  const totals = { events: 0, crashes: 0, pauses: 0, faults: 0, logged: 0, cycles: 0, virtualMs: 0 };
  const failed: Report[] = [];
  let played = 0;
  let next = from;
  const take = (reports: readonly Report[]): void => {
    for (const report of reports) {
      played++;
      if (report.problems.length > 0) {
        failed.push(report);
        tell(report);
      }
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += report.counts[name];
    }
    if (reports.length > 0) progress(played, failed.length);
  };
  const order = (): Order | null => {
    if (next >= from + count || failed.length >= mostFailures || performance.now() - startedAt > withinMs) return null;
    const seeds = Array.from({ length: Math.min(perOrder, from + count - next) }, (_, index) => next + index);
    next += seeds.length;
    return { seeds };
  };
  const children: ChildProcess[] = [];
  try {
    await Promise.all(
      Array.from({ length: workers }, () => {
        const child = fork(program, [JSON.stringify(engine)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
        children.push(child);
        return work(child, order, take);
      }),
    );
  } finally {
    for (const child of children) child.kill();
  }
  return { played, failed, seconds: (performance.now() - startedAt) / 1_000, totals };
}

function work(child: ChildProcess, order: () => Order | null, take: (reports: readonly Report[]) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => reject(new CannotPlay(`a process that played seeds ended (${signal ?? code})`)));
    child.on('error', reject);
    child.on('message', (answer: Answer) => {
      if ('cannot' in answer) return reject(new CannotPlay(answer.cannot));
      take(answer.reports);
      const following = order();
      if (following === null) return resolve();
      child.send(following);
    });
  });
}
