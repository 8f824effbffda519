import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addPause: AddCommand = (program, cli, end) => {
  program
    .command('pause')
    .description('open no new cycle and read no further, and finish what was imported; "start" goes on')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).pause(jobId), options)),
    );
};
