import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addStart: AddCommand = (program, cli, end) => {
  program
    .command('start')
    .description('let a job go on: lifts stop, pause and quarantine')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).start(jobId), options)),
    );
};
