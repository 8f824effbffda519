import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { everything, is, ObjectExported } from '@provident/contracts';

import { BenchError } from '../bench-error.js';
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
  readonly learned: PaceMeasured;
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
  const declared = await cycles(world, options, ['declared'], true);
  say('a limit that has to be learned');
  const learned = await cycles(world, options, ['learned'], false);
  say('two jobs, one target');
  const together = await cycles(world, options, ['one', 'other'], true);
  return { machine, declared, learned, together: { ...together, fairness: await fairnessOf(world, 'one', 'other') } };
}

/** First cycles of jobs that share a target of their own. */
async function cycles(
  world: World,
  { users, requests, perSeconds }: RateOptions,
  jobs: readonly string[],
  isDeclared: boolean,
): Promise<PaceMeasured> {
  const target = world.program(`target-${jobs[0]!}`, 'limited-target', [String(requests), String(perSeconds * 1_000)]);
  const { url } = (await target.ready()) as { url: string };
  const limitMs = 120_000 + ((users * jobs.length * 4) / (requests / perSeconds)) * 1_000;
  const after = await world.log.head();
  const begin = performance.now();
  const closed = jobs.map((job) => untilClosed(world, after, limitMs, job));
  for (const each of closed) each.catch(() => undefined); // told below, unless an order itself fails
  for (const job of jobs) {
    const rows = Array.from({ length: users }, (_, at) => `${job}-${at},${job}-${at}@example.org`);
    await writeFile(join(world.folder, `${job}.csv`), `id,name\n${rows.join('\n')}\n`);
    const limits = [{ requests, per: `${perSeconds}s`, of: 'all' }];
    const definition = {
      job,
      source: { connector: 'csv', config: { file: `${job}.csv`, anchor: 'id' } },
      target: { connector: 'scim', config: { url, auth: { none: true } }, ...(isDeclared && { rate: { limits } }) },
      objects: [{ type: 'user', attributes: [{ target: 'userName', source: 'name', matching: 1 }] }],
      schedule: { every: '24h' },
    };
    await world.order('apply-job', { definition, baseDir: world.folder, by });
  }
  for (const [at, result] of (await Promise.all(closed)).entries()) assertRight(`cycle of ${jobs[at]!}`, problemsOf(result, users));
  const seconds = (performance.now() - begin) / 1000;
  const moments = await target.ask<Moment[]>('what was asked?');
  await world.stop(target);
  return { seconds, ...paceOf(moments, requests, perSeconds * 1_000) };
}

function problemsOf({ result, failure, tally }: Closed, users: number): string[] {
  const made = tally.created === users && tally.imported === users;
  return result === 'succeeded' && made ? [] : [`its result is ${result}: ${JSON.stringify({ failure, tally })}`];
}

/** @throws BenchError when there was too little to do for a rate to be told */
function paceOf(moments: readonly Moment[], requests: number, perMs: number): Omit<PaceMeasured, 'seconds'> {
  const [, taken, refused] = moments.at(-1)!;
  const begun = moments.findLast((moment) => moment[1] === 0)?.[0] ?? moments[0]![0];
  const done = moments.find((moment) => moment[1] === taken)![0];
  // What goes at once after each rest comes again in every window: part of one would count too much or too little of it.
  const windows = Math.floor((done - begun) / perMs) - 1;
  const [first, last] = [begun + perMs, begun + (windows + 1) * perMs].map((at) => moments.find(([atMs]) => atMs >= at));
  if (!first || !last || windows < 2)
    throw new BenchError(`${taken} requests are done too soon to tell the rate: ask for more users, or for fewer requests in a time`);
  return { used: ((last[1] - first[1]) / (last[0] - first[0])) * (perMs / requests), refused: refused / (taken + refused) };
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
