import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderQuarantines } from '../render/quarantines.js';
import { jsonOption } from './options.js';

export const addQuarantines: AddCommand = (program, cli, end) => {
  program
    .command('quarantines')
    .description('when a job was in quarantine, why and until when, and whether people were told')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json }: JsonOption) => {
        const history = await (await findApi(cli)).quarantines(jobId);
        if (json) printJson(cli, history);
        else print(cli.out, renderQuarantines(jobId, history, cli.out.columns, cli.timeZone));
      }),
    );
};
