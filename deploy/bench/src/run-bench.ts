import { join } from 'node:path';

import { BenchError } from './bench-error.js';
import { accountsOf, jobDefinition, jobId } from './load/job.js';
import { changeTitles, isWanted, makePeople, writeCsv } from './load/people.js';
import type { BenchOptions } from './options.js';
import type { Teardown } from './process/teardown.js';
import { type Machine, describeMachine, loadNow } from './report/machine.js';
import { type BareLoopMeasured, runBareLoop } from './steps/bare-loop.js';
import { checkAccounts } from './steps/check-accounts.js';
import { checkCycle } from './steps/check-cycle.js';
import { checkReadModels } from './steps/check-read-models.js';
import { type OnDemandMeasured, runOnDemand } from './steps/on-demand.js';
import { ReadModels } from './steps/read-models.js';
import { type RebuildMeasured, runRebuild } from './steps/rebuild.js';
import { type CycleMeasured, runCycle } from './steps/run-cycle.js';
import { startTarget } from './steps/target.js';
import { World, onlookers, pipeline } from './world.js';

export interface Measured {
  readonly users: number;
  readonly machine: Machine;
  readonly services: readonly string[];
  readonly bare: { readonly before: BareLoopMeasured; readonly after: BareLoopMeasured };
  readonly first: CycleMeasured;
  readonly incremental: CycleMeasured;
  readonly rebuild: RebuildMeasured | null;
  readonly onDemand: OnDemandMeasured;
  /** Most memory of each process, in MiB. */
  readonly peaks: Readonly<Record<string, number>>;
}

const by = { kind: 'application', name: 'bench' };
const watchEveryMs = 20;
/** A run that is slower than this is broken, not slow. */
const limitMs = (users: number): number => 60_000 + users * 50;

/**
 * Measures everything, one step after the other.
 * @param onLoss told when a process ends that should not
 * @throws BenchError at the first thing that is not as it should be
 */
export async function runBench(
  options: BenchOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<Measured> {
  const { users, changed, concurrency, pipelineOnly, seal } = options;
  const load = loadNow();
  say('starting servers');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);

  say(`bare loop, ${users} users`);
  const before = await runBareLoop(world, users, concurrency);

  say('starting services');
  const services = pipelineOnly ? pipeline : [...pipeline, ...onlookers];
  await world.startServices(services);
  const models = pipelineOnly ? null : await ReadModels.open(world.postgres.url);
  if (models) teardown.add(() => models.close());
  const watcher = pipelineOnly ? null : world.program('watcher', 'position-watcher', [world.postgres.url, String(watchEveryMs)]);
  await watcher?.ready();
  const target = await startTarget(world, 'target');
  const tools = { world, models, watcher, limitMs: limitMs(users) };

  say(`first cycle, ${users} users`);
  const people = makePeople(users);
  const csv = join(world.folder, 'people.csv');
  await writeCsv(csv, people);
  const definition = jobDefinition('people.csv', target.url, concurrency, seal);
  const first = await runCycle(tools, () => world.order('apply-job', { definition, baseDir: world.folder, by }));
  const others = people.length - users;
  const size = { read: people.length };
  assertRight('first cycle', [
    ...checkCycle(first, { kind: 'initial', ...size, imported: people.length, created: users, skipped: others }),
    ...checkAccounts(await target.accounts(), accountsOf(people)),
  ]);

  say(`incremental cycle, ${changed} changed rows`);
  const changedPeople = changeTitles(people, changed);
  const incremental = await runCycle(tools, async () => {
    await writeCsv(csv, changedPeople);
    await world.order('run-job', { jobId, by });
  });
  assertRight('incremental cycle', [
    ...checkCycle(incremental, { kind: 'incremental', ...size, imported: changed, updated: changed }),
    ...checkAccounts(await target.accounts(), accountsOf(changedPeople)),
  ]);

  let rebuild: RebuildMeasured | null = null;
  if (models) {
    const written = people.filter(isWanted).length + changed;
    const rows = { events: await world.log.head(), entries: people.length + changed, written, cycles: 2 };
    assertRight('read models', await checkReadModels(models, rows));
    say(`rebuild, ${rows.events} events`);
    rebuild = await runRebuild(world, models);
    assertRight('rebuilt read models', await checkReadModels(models, rows));
  }

  say('on demand, while a first cycle runs');
  const onDemand = await runOnDemand(world, options, limitMs(users));
  assertRight('work on demand', onDemand.problems);

  const peaks = world.family.peaks();
  say('stopping services');
  for (const service of services) await world.stopService(service);
  say('bare loop again');
  const after = await runBareLoop(world, users, concurrency);
  return { users, machine, services, bare: { before, after }, first, incremental, rebuild, onDemand, peaks };
}

function assertRight(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new BenchError(`The ${what}: wrong.\n  ${problems.join('\n  ')}`);
}
