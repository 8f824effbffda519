import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { renderOnDemand } from '../render/on-demand.js';
import { jsonOption } from './options.js';

interface ProvisionOptions extends JsonOption {
  readonly user?: readonly string[];
  readonly allowRemoval?: boolean;
}

const most = 5;

export const addProvision: AddCommand = (program, cli, end) => {
  program
    .command('provision')
    .description('provision single people now, whatever waits, and show every step; exit status 1 when one of them failed or is not there')
    .argument('<job>', 'id of the job')
    .requiredOption('--user <id...>', `id in the source, or id of the account; up to ${most}`)
    .option(
      '--allow-removal',
      'disable or delete an account that is not wanted any more; without it the next cycle decides, which counts removals',
    )
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { user = [], allowRemoval = false, json }: ProvisionOptions) => {
        if (user.length > most) throw new CliError(`${user.length} people are too many at once: up to ${most} are provisioned on demand`);
        const subjects = user.map((id) => ({ objectType: 'user', id }));
        const view = await (await findApi(cli)).provision(jobId, { subjects, allowRemoval });
        if (json) printJson(cli, view);
        else print(cli.out, renderOnDemand(view, { timeZone: cli.timeZone, paint: cli.paint }));
        return view.results.some(({ status }) => status === 'failure' || status === 'not-found') ? 1 : 0;
      }),
    );
};
