import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderDrift } from '../render/drift.js';
import { jsonOption, wholeNumber } from './options.js';

interface DriftOptions extends JsonOption {
  readonly cycle?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export const addDrift: AddCommand = (program, cli, end) => {
  program
    .command('drift')
    .description('what the latest cycle that looked for it found changed by hand in the target; "run JOB --drift" looks')
    .argument('<job>', 'id of the job')
    .option('--cycle <id>', 'what this cycle found')
    .option('--limit <count>', 'accounts at most', wholeNumber(1, 200), 50)
    .option('--cursor <cursor>', 'the page behind the one that named this cursor')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json, ...asked }: DriftOptions) => {
        const page = await (await findApi(cli)).drift(jobId, asked);
        if (json) printJson(cli, page);
        else print(cli.out, renderDrift(jobId, page, cli.out.columns, cli.timeZone));
      }),
    );
};
