import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderCauses } from '../render/causes.js';
import { jsonOption } from './options.js';

export const addCauses: AddCommand = (program, cli, end) => {
  program
    .command('causes')
    .description('why objects of a job fail: one entry for all who fail for one reason, with the remedy')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json }: JsonOption) => {
        const causes = await (await findApi(cli)).causes(jobId);
        if (json) printJson(cli, { causes });
        else print(cli.out, renderCauses(jobId, causes, cli.timeZone));
      }),
    );
};
