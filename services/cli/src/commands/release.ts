import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addRelease: AddCommand = (program, cli, end) => {
  program
    .command('release')
    .description('do the removals that were held because there were more than the threshold allows')
    .argument('<job>', 'id of the job')
    .argument('<cycle>', 'id of the cycle that proposed them; "provident status JOB" shows it')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, cycleId: string, options: JsonOption) =>
        printAnswer(cli, await (await findApi(cli)).release(jobId, cycleId), options),
      ),
    );
};
