import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { everything, is, ObjectExported } from '@provident/contracts';

import { BenchError } from '../bench-error.js';
import type { Child } from '../process/child.js';
import type { Teardown } from '../process/teardown.js';
import { type Machine, describeMachine, loadNow } from '../report/machine.js';
import { assertRight } from '../steps/order-cycle.js';
import { type Closed, untilClosed } from '../steps/run-cycle.js';
import { World, pipeline } from '../world.js';
import type { RateOptions } from './options.js';

/** What a target took and refused up to a moment. */
type Moment = readonly [atMs: number, taken: number, refused: number];

export interface RateMeasured {
  readonly machine: Machine;
  /** By what was said of the limit, and by how many jobs. */
  readonly declared: PaceMeasured;
  /** Of that target again, in a cycle whose reads and writes share the limit. */
  readonly shared: PaceMeasured;
  /** While it is found out for writes, then for reads as well, and in the cycle after that. */
  readonly learned: PaceMeasured;
  readonly reads: PaceMeasured;
  readonly known: PaceMeasured;
  readonly together: PaceMeasured & {
    /** Accounts that the slower of two equal jobs had made when the other was done, to the other's. */ readonly fairness: number;
  };
}

export interface PaceMeasured {
  readonly seconds: number;
  /** Requests that were taken, to those that could have been, in whole windows: without the first, in which a rested target takes more, and what is left of the last. */
  readonly used: number;
  /** Requests that were refused, to all. */
  readonly refused: number;
}

const by = { kind: 'application', name: 'bench' };

/** First cycles against a target that allows only so much. @throws BenchError at the first thing that is not as it should be */
export async function runRate(
  options: RateOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<RateMeasured> {
  const load = loadNow();
  say('starting servers and services');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);
  await world.startServices(pipeline);
  say('a limit that is declared');
  const [declared, shared] = await onTarget(world, options, 'declared', async (limited) => {
    const first = await firstCycles(limited, ['declared'], true);
    say('the next cycle, which reads as well');
    return [first, await nextCycle(limited, 'declared', 1)] as const;
  });
  const [learned, reads, known] = await onTarget(world, options, 'learned', async (limited) => {
    say('a limit that has to be learned');
    const first = await firstCycles(limited, ['learned'], false);
    say('the next cycle, which reads as well');
    const second = await nextCycle(limited, 'learned', 1);
    say('the cycle after that');
    return [first, second, await nextCycle(limited, 'learned', 2)] as const;
  });
  say('two jobs, one target');
  const together = await onTarget(world, options, 'together', (limited) => firstCycles(limited, ['one', 'other'], true));
  return { machine, declared, shared, learned, reads, known, together: { ...together, fairness: await fairnessOf(world, 'one', 'other') } };
}

/** A target of its own, and what is known of it. */
interface Limited {
  readonly world: World;
  readonly options: RateOptions;
  readonly target: Child;
  readonly url: string;
}

async function onTarget<Result>(
  world: World,
  options: RateOptions,
  name: string,
  work: (limited: Limited) => Promise<Result>,
): Promise<Result> {
  const { requests, perSeconds } = options;
  const target = world.program(`target-${name}`, 'limited-target', [String(requests), String(perSeconds * 1_000)]);
  const { url } = (await target.ready()) as { url: string };
  const result = await work({ world, options, target, url });
  await world.stop(target);
  return result;
}

/** First cycles of jobs that share a target. */
function firstCycles(limited: Limited, jobs: readonly string[], isDeclared: boolean): Promise<PaceMeasured> {
  const { world, url } = limited;
  const { users, requests, perSeconds } = limited.options;
  return measured(limited, jobs, users, async (job) => {
    await writePeople(world, job, users);
    const limits = [{ requests, per: `${perSeconds}s`, of: 'all' }];
    const definition = {
      job,
      source: { connector: 'csv', config: { file: `${job}.csv`, anchor: 'id' } },
      target: { connector: 'scim', config: { url, auth: { none: true } }, ...(isDeclared && { rate: { limits } }) },
      objects: [{ type: 'user', attributes: [{ target: 'userName', source: 'name', matching: 1 }] }],
      schedule: { every: '24h' },
    };
    await world.order('apply-job', { definition, baseDir: world.folder, by });
  });
}

/** Half as many people more: each of them is looked up and then made, so that it is as many requests as before. */
function nextCycle(limited: Limited, job: string, number: number): Promise<PaceMeasured> {
  const { world, options } = limited;
  const more = Math.ceil(options.users / 2);
  return measured(limited, [job], more, async () => {
    await writePeople(world, job, options.users + number * more);
    await world.order('run-job', { jobId: job, by });
  });
}

async function writePeople({ folder }: World, job: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => `${job}-${at},${job}-${at}@example.org`);
  await writeFile(join(folder, `${job}.csv`), `id,name\n${rows.join('\n')}\n`);
}

/** Gives each job an order, and tells how the target was used until the cycle of each is closed. */
async function measured(
  { world, options: { requests, perSeconds }, target }: Limited,
  jobs: readonly string[],
  made: number,
  order: (job: string) => Promise<unknown>,
): Promise<PaceMeasured> {
  const limitMs = 120_000 + ((made * jobs.length * 6) / (requests / perSeconds)) * 1_000;
  const after = await world.log.head();
  const earlier = await target.ask<Moment[]>('what was asked?');
  const begin = performance.now();
  const closed = jobs.map((job) => untilClosed(world, after, limitMs, job));
  for (const each of closed) each.catch(() => undefined); // told below, unless an order itself fails
  for (const job of jobs) await order(job);
  for (const [at, result] of (await Promise.all(closed)).entries()) assertRight(`cycle of ${jobs[at]!}`, problemsOf(result, made));
  const seconds = (performance.now() - begin) / 1000;
  const moments = (await target.ask<Moment[]>('what was asked?')).slice(earlier.length - 1);
  return { seconds, ...paceOf(moments, requests, perSeconds * 1_000) };
}

function problemsOf({ result, failure, tally }: Closed, users: number): string[] {
  const made = tally.created === users && tally.imported === users;
  return result === 'succeeded' && made ? [] : [`its result is ${result}: ${JSON.stringify({ failure, tally })}`];
}

/** @throws BenchError when there was too little to do for a rate to be told */
function paceOf(moments: readonly Moment[], requests: number, perMs: number): Omit<PaceMeasured, 'seconds'> {
  const [, takenBefore, refusedBefore] = moments[0]!;
  const [, taken, refused] = moments.at(-1)!;
  const begun = moments.findLast((moment) => moment[1] === takenBefore)![0];
  const done = moments.find((moment) => moment[1] === taken)![0];
  // What goes at once after each rest comes again in every window: part of one would count too much or too little of it.
  const windows = Math.floor((done - begun) / perMs) - 1;
  const [first, last] = [begun + perMs, begun + (windows + 1) * perMs].map((at) => moments.find(([atMs]) => atMs >= at));
  if (!first || !last || windows < 2)
    throw new BenchError(
      `${taken - takenBefore} requests are done too soon to tell the rate: ask for more users, or for fewer requests in a time`,
    );
  const [tookNow, refusedNow] = [taken - takenBefore, refused - refusedBefore];
  return { used: ((last[1] - first[1]) / (last[0] - first[0])) * (perMs / requests), refused: refusedNow / (tookNow + refusedNow) };
}

async function fairnessOf({ log }: World, ...jobs: readonly [string, string]): Promise<number> {
  const made = new Map(jobs.map((job) => [job, 0]));
  const stop = new AbortController();
  const head = await log.head();
  for await (const events of log.read({ filters: [everything], after: 0, signal: stop.signal })) {
    for (const event of events) {
      const before = made.get(event.jobId);
      if (before === undefined) continue;
      if (is(event, ObjectExported)) made.set(event.jobId, before + 1);
      else if (event.type === 'cycle-closed') return Math.min(...made.values()) / Math.max(...made.values());
    }
    if (events.at(-1)!.sequence >= head) break;
  }
  throw new BenchError('neither of the two jobs has closed its cycle');
}
