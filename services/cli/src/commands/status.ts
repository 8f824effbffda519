import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderStatus } from '../render/status.js';
import { jsonOption } from './options.js';

export const addStatus: AddCommand = (program, cli, end) => {
  program
    .command('status')
    .description('the summary report of a job')
    .argument('<job>', 'id of the job')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json }: JsonOption) => {
        const status = await (await findApi(cli)).status(jobId);
        if (json) printJson(cli, status);
        else print(cli.out, renderStatus(status, { now: cli.now(), timeZone: cli.timeZone }));
      }),
    );
};
