import type { ApiClient } from '../api-client.js';
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
        const api = await findApi(cli);
        const status = await api.status(jobId);
        if (json) printJson(cli, status);
        else print(cli.out, renderStatus(status, { now: cli.now(), timeZone: cli.timeZone }));
        if (await isOpen(api))
          print(cli.err, `Nobody has to sign in at ${api.url}: whoever reaches it may do everything (PROVIDENT_INSECURE_BIND).`);
      }),
    );
};

const isOpen = (api: ApiClient): Promise<boolean> =>
  api.health().then(
    ({ signIn }) => signIn === 'open',
    () => false,
  );
