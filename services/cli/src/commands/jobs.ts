import type { AddCommand, JsonOption } from '../cli.js';
import { typed } from '../places.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderJobs } from '../render/jobs.js';
import { jsonOption } from './options.js';

export const addJobs: AddCommand = (program, cli, end) => {
  program
    .command('jobs')
    .description('list the jobs with their state and latest cycle')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const jobs = await (await findApi(cli)).jobs();
        if (json) printJson(cli, jobs);
        else
          print(
            cli.out,
            jobs.length === 0 ? `No job yet: ${typed('apply -f FILE')} makes one.` : renderJobs(jobs, cli.out.columns, cli.timeZone),
          );
      }),
    );
};
