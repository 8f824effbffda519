import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { CliError } from '../cli-error.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface RetryOptions extends JsonOption {
  readonly user?: string;
  readonly cause?: string;
  readonly all?: boolean;
}

export const addRetry: AddCommand = (program, cli, end) => {
  program
    .command('retry')
    .description('try objects that failed again now, those that were given up too')
    .argument('<job>', 'id of the job')
    .option('--user <id>', 'one person: id in the source, id in the target, user name or another matching value')
    .option('--cause <id>', 'all who fail for this cause; "provident causes JOB" lists them')
    .option('--all', 'everybody who failed')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json, ...order }: RetryOptions) => {
        if (Object.keys(order).length !== 1) throw new CliError('say who is tried again: one of --user ID, --cause ID and --all');
        return printAnswer(cli, await (await findApi(cli)).retry(jobId, order), { ...(json !== undefined && { json }) });
      }),
    );
};
