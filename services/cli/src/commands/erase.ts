import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { CliError } from '../cli-error.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface EraseOptions extends JsonOption {
  readonly user: string;
  readonly yes?: boolean;
  readonly stillInSource?: boolean;
  readonly why?: string;
}

export const addErase: AddCommand = (program, cli, end) => {
  program
    .command('erase')
    .description('make the values of one person unreadable for good, wherever they are; what was done to them, and when, stays')
    .argument('[job]', 'id of the job; all jobs by default')
    .requiredOption('--user <id>', 'id in the source or the target, or the value the person was matched by')
    .option('--why <text>', 'for the log; say nothing in it that is to be erased')
    .option('--still-in-source', 'also while the source has the person: the next cycle then reads the values anew')
    .option('--yes', 'do not ask')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (job: string | undefined, { user, yes, stillInSource = false, why, json }: EraseOptions) => {
        const where = job === undefined ? 'in all jobs' : `in job "${job}"`;
        if (!yes && (await cli.secrets.ask(`Erase "${user}" ${where}? This cannot be undone. Type the id once more: `)) !== user)
          throw new CliError('nothing was erased: what was typed is not the id (--yes does not ask)');
        const order = { stillInSource, ...(job !== undefined && { job }), ...(why !== undefined && { why }) };
        return printAnswer(cli, await (await findApi(cli)).erase(user, order), { ...(json !== undefined && { json }) });
      }),
    );
};
