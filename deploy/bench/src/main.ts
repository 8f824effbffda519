import { WrongOptions } from '@provident/testing';

import { BenchError } from './bench-error.js';
import { portalMode } from './portal/report.js';
import { groupsMode } from './groups/mode.js';
import { incrementalMode } from './incremental/mode.js';
import { type BenchOptions, readOptions } from './options.js';
import { Teardown } from './process/teardown.js';
import { rateMode } from './rate/mode.js';
import { findDisturbance } from './report/disturbance.js';
import { figuresOf } from './report/figures.js';
import { type Mode, keep, printMode } from './report/keep.js';
import { type Machine, commitHere } from './report/machine.js';
import { printReport } from './report/print-report.js';
import { type Result, findEarlier, save } from './report/results.js';
import { reportsMode } from './reports/report.js';
import { type Measured, runBench } from './run-bench.js';

/** Questions besides the usual one. */
const modes = new Map<string, (argv: readonly string[], teardown: Teardown) => Promise<void>>([
  ['reports', (argv, teardown) => benchMode(reportsMode, argv, teardown)],
  ['groups', (argv, teardown) => benchMode(groupsMode, argv, teardown)],
  ['portal', (argv, teardown) => benchMode(portalMode, argv, teardown)],
  ['incremental', (argv, teardown) => benchMode(incrementalMode, argv, teardown)],
  ['rate', (argv, teardown) => benchMode(rateMode, argv, teardown)],
]);

async function main(argv: readonly string[]): Promise<number> {
  const teardown = new Teardown();
  try {
    const [name = '', ...rest] = argv;
    const mode = modes.get(name);
    await (mode ? mode(rest, teardown) : benchPipeline(argv, teardown));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof BenchError || error instanceof WrongOptions ? error.message : (error as Error).stack}\n`);
    return error instanceof Asked ? 130 : 1;
  } finally {
    await teardown.run();
  }
}

async function benchPipeline(argv: readonly string[], teardown: Teardown): Promise<void> {
  const options = readOptions(argv);
  if (options === null) return;
  const measured = await orEnded((onEnd) => runBench(options, teardown, say, onEnd));
  say('cleaning up');
  await teardown.run();
  await report(options, measured);
}

/** Answers one of the other questions. */
async function benchMode<Options extends { readonly save: boolean }, Measured extends { readonly machine: Machine }>(
  mode: Mode<Options, Measured>,
  argv: readonly string[],
  teardown: Teardown,
): Promise<void> {
  const options = mode.readOptions(argv);
  if (options === null) return;
  const measured = await orEnded((onEnd) => mode.run(options, teardown, say, onEnd));
  say('cleaning up');
  await teardown.run();
  process.stdout.write(printMode(mode, options, measured));
  if (options.save) process.stdout.write(`Kept in ${await keep(mode, options, measured)}\n`);
}

async function report({ users, changed, concurrency, seal, save: isKept }: BenchOptions, measured: Measured): Promise<void> {
  const { machine, bare, first, incremental, rebuild } = measured;
  const at = new Date().toISOString();
  const figures = figuresOf(measured);
  const cpuSeconds = { bare: bare.before.cpu, first: first.cpu, incremental: incremental.cpu, ...(rebuild && { rebuild: rebuild.cpu }) };
  const result: Result = {
    date: at.slice(0, 10),
    at,
    commit: commitHere(),
    users,
    changed,
    concurrency,
    seal,
    machine,
    figures,
    cpuSeconds,
  };
  process.stdout.write(printReport(result, measured, await findEarlier(result)));
  process.stdout.write('Every outcome, event and row was checked and right.\n');
  const disturbance = findDisturbance(measured);
  if (disturbance) process.stdout.write(`Do not trust these numbers: ${disturbance}.${isKept ? ' They were not kept.' : ''}\n`);
  else if (isKept) process.stdout.write(`Kept in ${await save(result)}\n`);
}

/** Somebody asked for the end. */
class Asked extends BenchError {}

/** Does the work unless asked to end before; what was begun is for the teardown to end. Later signals do not disturb that. */
function orEnded<Answer>(work: (onEnd: (error: BenchError) => void) => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => reject(new Asked('Asked to end: nothing was measured.')));
    process.on('uncaughtException', reject);
    work(reject).then(resolve, reject);
  });
}

function say(line: string): void {
  process.stdout.write(`… ${line}\n`);
}

process.exit(await main(process.argv.slice(2)));
