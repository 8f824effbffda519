import type { EscrowView } from '@provident/contracts';
import { Option } from 'commander';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderEscrows } from '../render/escrows.js';
import { jsonOption, wholeNumber } from './options.js';

interface EscrowsOptions extends JsonOption {
  readonly cause?: string;
  readonly state?: EscrowView['state'];
  readonly limit: number;
}

export const addEscrows: AddCommand = (program, cli, end) => {
  program
    .command('escrows')
    .description('the objects of a job that failed and are kept: why, how often they were tried, and when again')
    .argument('<job>', 'id of the job')
    .option('--cause <id>', 'only those that fail for this cause; "provident causes JOB" lists them')
    .addOption(new Option('--state <state>', 'only those').choices(['waiting', 'trying', 'given-up']))
    .option('--limit <count>', 'objects at most', wholeNumber(1, 200), 20)
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json, ...asked }: EscrowsOptions) => {
        const page = await (await findApi(cli)).escrows(jobId, asked);
        if (json) printJson(cli, page);
        else print(cli.out, renderEscrows(jobId, page, Boolean(asked.cause ?? asked.state), cli.out.columns, cli.timeZone));
      }),
    );
};
