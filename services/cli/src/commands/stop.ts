import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addStop: AddCommand = (program, cli, end) => {
  program
    .command('stop')
    .description('write nothing more to the target, at once; "start" goes on exactly where it was')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).stop(jobId), options)),
    );
};
