import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderHeld } from '../render/held.js';
import { jsonOption, wholeNumber } from './options.js';

interface HeldOptions extends JsonOption {
  readonly cycle?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export const addHeld: AddCommand = (program, cli, end) => {
  program
    .command('held')
    .description('the removals of a job that wait, by name: of accounts, and of members of groups')
    .argument('<job>', 'id of the job')
    .option('--cycle <id>', 'only those that this cycle proposed')
    .option('--limit <count>', 'removals at most', wholeNumber(1, 200), 50)
    .option('--cursor <cursor>', 'the page behind the one that named this cursor')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json, ...asked }: HeldOptions) => {
        const page = await (await findApi(cli)).held(jobId, asked);
        if (json) printJson(cli, page);
        else print(cli.out, renderHeld(jobId, page, cli.out.columns, cli.timeZone));
      }),
    );
};
