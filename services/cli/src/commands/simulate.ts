import { type CommandAnswer, type SimulatedAction, type SimulationView, simulatedActions } from '@provident/contracts';
import { Option } from 'commander';

import type { ApiClient } from '../api-client.js';
import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print } from '../cli.js';
import { CliError } from '../cli-error.js';
import { type JobFile, readJobFile } from '../job-file/read-job-file.js';
import { renderSimulation } from '../render/simulation.js';
import { listenForEnd } from '../up/until-asked-to-end.js';
import { watchSimulation } from '../watch-simulation.js';
import { notesOf, printAnswer, printJobAnswer } from './answer.js';
import { jsonOption, wholeNumber } from './options.js';
import { readRows, rowsPageSize } from './simulated-rows.js';

interface SimulateOptions extends JsonOption {
  readonly file?: string;
  readonly with?: string;
  readonly diff?: boolean;
  readonly action?: SimulatedAction;
  readonly limit: number;
  readonly csv?: boolean;
}

export const addSimulate: AddCommand = (program, cli, end) => {
  program
    .command('simulate')
    .description('what a whole cycle would do with everybody, and why; reads source and target as they are and writes nothing')
    .argument('[job]', 'id of the job')
    .option('-f, --file <file>', 'a job file instead of a job, whether or not it was ever applied')
    .option('--with <file>', 'the job under the rules of this file, which is not applied')
    .option('--diff', 'with --with: only people who would fare differently than under the rules that apply')
    .addOption(new Option('--action <action>', 'only people with whom this would be done').choices([...simulatedActions]))
    .option('--limit <count>', 'people shown at most; --json and --csv give all of them', wholeNumber(1, 1_000), 50)
    .option('--csv', 'print the people as CSV')
    .addOption(jsonOption().conflicts('csv'))
    .addHelpText('after', '\nPeople with whom nothing would happen are counted, and shown with --action unchanged. Ctrl-C cancels.')
    .action(action(cli, end, (job: string | undefined, options: SimulateOptions) => simulate(cli, job, options)));
};

async function simulate(cli: Cli, job: string | undefined, options: SimulateOptions): Promise<number> {
  refuseNonsense(job, options);
  const path = options.file ?? options.with;
  const file = path === undefined ? null : await readJobFile(path, cli.cwd);
  const api = await findApi(cli);
  const answer = await api.simulate({ jobId: job ?? null, draft: file, compare: options.diff === true });
  if (!answer.ok) return file ? printJobAnswer(cli, file, answer, options) : printAnswer(cli, answer, options);
  for (const note of notesOf(answer)) print(cli.err, note);
  const simulation = await follow(cli, api, idIn(answer), options);
  await show(cli, api, simulation, file, options);
  return simulation.state === 'completed' ? 0 : 1;
}

function refuseNonsense(job: string | undefined, options: SimulateOptions): void {
  const wrong =
    (job === undefined && options.file === undefined && 'name a job, or give a job file with --file') ||
    (job !== undefined && options.file !== undefined && 'give either a job or --file; the job under another file is --with') ||
    (job === undefined && options.with !== undefined && '--with needs a job; a job file alone is --file') ||
    (options.diff && options.with === undefined && '--diff compares the job with the rules of --with');
  if (wrong) throw new CliError(wrong, 1, 'usage');
}

function idIn(answer: CommandAnswer): string {
  const id = answer.result['simulationId'];
  if (typeof id === 'string') return id;
  throw new CliError(`the simulation cannot be followed, for the answer does not name it: ${answer.message}`);
}

/** Watches it to its end; who gives up cancels it. */
async function follow(cli: Cli, api: ApiClient, simulationId: string, { json, csv }: SimulateOptions): Promise<SimulationView> {
  const screen = json || csv ? cli.err : cli.out;
  const asked = listenForEnd();
  try {
    return await watchSimulation(api, simulationId, { screen, now: cli.now, signal: asked.signal });
  } catch (error) {
    if (!asked.signal.aborted) throw error;
    print(cli.err, (await api.cancelSimulation(simulationId)).message);
    return watchSimulation(api, simulationId, { screen, now: cli.now });
  } finally {
    asked.release();
  }
}

async function show(cli: Cli, api: ApiClient, simulation: SimulationView, file: JobFile | null, options: SimulateOptions): Promise<void> {
  const asked = { simulationId: simulation.simulationId, action: options.action };
  if (options.csv) {
    for await (const text of api.simulatedCsv(asked)) cli.out.write(text);
  } else if (options.json) {
    await printWhole(cli, api, simulation, asked);
  } else {
    const rows = readRows(api, asked, (row) => options.action !== undefined || row.action !== 'unchanged' || row.before !== null);
    const shown = [];
    for await (const row of rows) {
      shown.push(row);
      if (shown.length > options.limit) break;
    }
    const { paint, timeZone, out } = cli;
    const more = shown.splice(options.limit).length > 0;
    print(out, renderSimulation({ simulation, rows: shown, more, file: file?.path ?? null }, { paint, timeZone, width: out.columns }));
  }
}

/** One document, written page by page: there may be many people. */
async function printWhole(cli: Cli, api: ApiClient, simulation: SimulationView, asked: Parameters<typeof readRows>[1]): Promise<void> {
  cli.out.write(`{\n"simulation": ${JSON.stringify(simulation)},\n"rows": [`);
  let separator = '\n';
  for await (const row of readRows(api, asked, () => true, rowsPageSize)) {
    cli.out.write(separator + JSON.stringify(row));
    separator = ',\n';
  }
  print(cli.out, '\n]\n}');
}
