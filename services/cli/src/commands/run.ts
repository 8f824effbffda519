import { type CommandAnswer, type CycleView, DriftMode } from '@provident/contracts';

import type { ApiClient } from '../api-client.js';
import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { renderCycle, renderTally } from '../render/cycle.js';
import { driftLine } from '../render/drift.js';
import { listFailures } from '../render/failures.js';
import { watchCycle } from '../watch-cycle.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface RunOptions extends JsonOption {
  readonly wait?: boolean;
  readonly fresh?: boolean;
  readonly drift?: true | string;
}

export const addRun: AddCommand = (program, cli, end) => {
  program
    .command('run')
    .description('run a cycle now')
    .argument('<job>', 'id of the job')
    .option('--wait', 'show the progress until the cycle has ended; exit status 1 when it failed, 0 with or without entry-level errors')
    .option('--fresh', 'read everything again instead of what has changed')
    .option(
      '--drift [mode]',
      'compare all accounts with what the rules expect: "report" tells what was changed by hand, "repair" changes it back',
    )
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, options: RunOptions) => {
        const api = await findApi(cli);
        const drift = driftOf(options);
        const answer = await api.run(jobId, { fresh: options.fresh === true, ...(drift && { drift }) });
        if (!answer.ok || !options.wait) return printAnswer(cli, answer, options);
        const cycle = await watchCycle(api, jobId, cycleIn(answer), { screen: options.json ? cli.err : cli.out, now: cli.now });
        await printCycle(cli, api, cycle, options);
        return cycle.state === 'failed' ? 1 : 0;
      }),
    );
};

function driftOf({ drift }: RunOptions): DriftMode | undefined {
  if (drift === undefined) return undefined;
  const mode = DriftMode.safeParse(drift === true ? 'report' : drift);
  if (!mode.success) throw new CliError(`"${drift}" is no way to look for drift: report or repair`);
  return mode.data;
}

export function cycleIn(answer: CommandAnswer): string {
  const id = answer.result['cycleId'];
  if (typeof id === 'string') return id;
  throw new CliError(`the cycle cannot be followed, for the answer does not name it: ${answer.message}`);
}

async function printCycle(cli: Cli, api: ApiClient, cycle: CycleView, { json }: JsonOption): Promise<void> {
  if (json) return printJson(cli, cycle);
  print(cli.out, renderCycle(cycle, cli.timeZone));
  print(cli.out, renderTally(cycle));
  if (cycle.drift) print(cli.out, driftLine(cycle));
  const failures = cycle.tally.escrowed > 0 ? await listFailures(api, cycle, cli.timeZone) : '';
  if (failures !== '') print(cli.out, failures);
}
