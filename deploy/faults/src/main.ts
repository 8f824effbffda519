import type { LogEvent } from '@provident/contracts';
import { canonicalJson } from '@provident/domain';
import { WrongOptions } from '@provident/testing';

import { judgeTheJudge } from './judge-the-judge.js';
import { type FaultsOptions, readOptions } from './options.js';
import { withPostgres } from './postgres.js';
import type { Report } from './programs/play.js';
import { save } from './results.js';
import { type Engine, SeedPlayer } from './simulation/play-seeds.js';
import { NotForQuickStore } from './simulation/quick-store.js';
import { CannotPlay, type SeedSummary, runSeeds } from './simulation/run-seeds.js';

const mostFailures = 20;
const progressEveryMs = 10_000;

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv);
    if (options === null) return 0;
    if (options.sabotage) return await judgeTheJudge(options.from);
    if (options.compare) return await withPostgres((url) => compareAll(options, url));
    if (options.postgres) return await playOnPostgres(options);
    return await play(options, { kind: 'memory' }).catch((error: unknown) => {
      if (!isForPostgresOnly(error)) throw error;
      process.stdout.write(`${(error as Error).message.split('\n')[0]!}\n${forPostgres}\n`);
      return playOnPostgres({ ...options, seeds: Math.ceil(options.seeds / 10) });
    });
  } catch (error) {
    const isPlain = error instanceof WrongOptions || error instanceof CannotPlay;
    process.stderr.write(`${isPlain ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

const forPostgres =
  'That SQL is not known to the tables in memory (deploy/faults/src/simulation/quick-store.ts): a tenth of the stories is played on Postgres instead.';
const isForPostgresOnly = (error: unknown): boolean =>
  error instanceof NotForQuickStore || (error instanceof CannotPlay && error.message.includes(NotForQuickStore.name));

const play = (options: FaultsOptions, engine: Engine): Promise<number> =>
  options.replay === null ? playAll(options, engine) : replay(options.replay, engine);

/** One process only: the tables are there once. */
const playOnPostgres = (options: FaultsOptions): Promise<number> =>
  withPostgres((url) => play({ ...options, workers: 1 }, { kind: 'postgres', url }));

async function playAll({ from, seeds, workers, withinMs, save: isKept }: FaultsOptions, engine: Engine): Promise<number> {
  let toldAt = performance.now();
  const summary = await runSeeds({
    from,
    count: seeds,
    workers,
    withinMs,
    engine,
    mostFailures,
    failed: (report) => process.stdout.write(`${failureOf(report).join('\n')}\n`),
    progress: (played, failed) => {
      if (performance.now() - toldAt < progressEveryMs) return;
      toldAt = performance.now();
      process.stdout.write(`… ${played} of ${seeds} stories, ${failed} failed\n`);
    },
  });
  process.stdout.write(describe(summary));
  if (summary.played < seeds && summary.failed.length < mostFailures)
    process.stdout.write(`The time was over after ${summary.played} of ${seeds} stories.\n`);
  if (isKept) process.stdout.write(`Kept in ${await save(summary, { engine: engine.kind, workers, from })}\n`);
  return summary.failed.length === 0 ? 0 : 1;
}

function describe({ played, failed, seconds, totals }: SeedSummary): string {
  const { crashes, pauses, faults, cycles, logged, virtualMs } = totals;
  const lines = [
    `${played} stories in ${seconds.toFixed(0)} s (${(played / seconds).toFixed(1)} a second): ${cycles} cycles, ${logged} events in the log, ${(virtualMs / 3_600_000).toFixed(0)} hours of their own time`,
    `${crashes} processes died, ${pauses} stood still, ${faults} requests failed or lost their answer`,
    ...failed.flatMap(failureOf),
    failed.length === 0 ? 'Nothing was lost, nothing was done twice.' : `${failed.length} stories failed.`,
  ];
  return `${lines.join('\n')}\n`;
}

const failureOf = ({ seed, problems }: Report): string[] => [
  `seed ${seed} failed; npm run faults -- --seed ${seed} tells it again`,
  ...problems.slice(0, 5).map((problem) => `  ${problem}`),
];

/** Whether the tables in memory do what Postgres does: each seed tells the same story with both, to the last event. */
async function compareAll({ from, seeds }: FaultsOptions, url: string): Promise<number> {
  const [quick, postgres] = [await SeedPlayer.open({ kind: 'memory' }), await SeedPlayer.open({ kind: 'postgres', url })];
  let different = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const stories = [await quick.play(seed), await postgres.play(seed)].map(({ events }) => events.map((event) => canonicalJson(event)));
    const at = stories[0]!.findIndex((line, index) => line !== stories[1]![index]);
    if (at < 0 && stories[0]!.length === stories[1]!.length) continue;
    different++;
    process.stdout.write(`seed ${seed} differs at event ${at + 1}:\n  memory   ${stories[0]![at]}\n  Postgres ${stories[1]![at]}\n`);
  }
  await quick.close();
  await postgres.close();
  process.stdout.write(`${seeds} stories were told twice, with the tables in memory and in Postgres; ${different} differed.\n`);
  return different === 0 ? 0 : 1;
}

/** One story with all that happened in it. */
async function replay(seed: number, engine: Engine): Promise<number> {
  const player = await SeedPlayer.open(engine);
  const { problems, journal, events, counts } = await player.play(seed);
  await player.close();
  const lines = [
    ...journal,
    '',
    ...events.map(lineOf),
    '',
    `seed ${seed}: ${counts.crashes} processes died, ${counts.pauses} stood still, ${counts.faults} faults, ${counts.cycles} cycles`,
    ...(problems.length === 0 ? ['Everything was right in the end.'] : problems),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return problems.length === 0 ? 0 : 1;
}

function lineOf({ sequence, at, lane, type, cause, data }: LogEvent): string {
  const { objectKey, attempt, round, cycleId, ...rest } = data as Record<string, unknown>;
  const about = objectKey === undefined ? '' : ` ${String(objectKey)} ${String(attempt)}/${String(round)}`;
  const cycle = typeof cycleId === 'string' ? ` cycle ${cycleId.slice(0, 8)}` : '';
  return `${String(sequence).padStart(5)} ${at.slice(14, 23)} lane ${lane} ${type}${about}${cycle}${cause > 0 ? ` for ${cause}` : ''} ${JSON.stringify(rest)}`;
}

const status = await main(process.argv.slice(2));
process.stdout.write('', () => process.exit(status)); // a pipe takes what was written before
