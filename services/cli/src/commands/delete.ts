import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { CliError } from '../cli-error.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface DeleteOptions extends JsonOption {
  readonly yes?: boolean;
}

export const addDelete: AddCommand = (program, cli, end) => {
  program
    .command('delete')
    .description('end a job for good; its accounts stay as they are, and its history can still be read')
    .argument('<job>', 'id of the job')
    .option('--yes', 'it cannot be taken back: say so')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { yes, ...options }: DeleteOptions) => {
        if (!yes)
          throw new CliError(
            `a deleted job cannot be brought back: "provident stop ${jobId}" holds it, "provident delete ${jobId} --yes" ends it`,
          );
        return printAnswer(cli, await (await findApi(cli)).deleteJob(jobId), options);
      }),
    );
};
