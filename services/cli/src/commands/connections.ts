import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { renderConnections } from '../render/connections.js';
import { printAnswer } from './answer.js';
import { jsonOption, wholeNumber } from './options.js';

interface ListOptions extends JsonOption {
  readonly user?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface SubjectOptions extends JsonOption {
  readonly group?: boolean;
}

interface RepairOptions extends SubjectOptions {
  readonly to?: string;
  readonly matching?: string;
  readonly attribute?: string;
}

const typeOf = ({ group }: SubjectOptions): string => (group ? 'group' : 'user');

export const addConnections: AddCommand = (program, cli, end) => {
  const connections = program
    .command('connections')
    .description('which account a person or group is linked to, and how to mend a wrong link');
  connections
    .command('list', { isDefault: true })
    .description('list links; "list" may be left out')
    .argument('<job>', 'id of the job')
    .option('--user <id>', 'of one person or group: id in the source, id in the target, or a matching value')
    .option('--limit <count>', 'links at most', wholeNumber(1, 200), 50)
    .option('--cursor <cursor>', 'the page behind the one that named this cursor')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, { json, ...asked }: ListOptions) => {
        const page = await (await findApi(cli)).connections(jobId, asked);
        if (json) printJson(cli, page);
        else print(cli.out, renderConnections(jobId, page, cli.out.columns));
      }),
    );
  connections
    .command('remove')
    .description('take a link away: nothing is written, and the next cycle looks for the account by the matching rules')
    .argument('<job>', 'id of the job')
    .argument('<id>', 'id in the source, or id of the account')
    .option('--group', 'it is a group')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, id: string, { json, ...options }: SubjectOptions) =>
        printAnswer(cli, await (await findApi(cli)).removeConnection(jobId, { objectType: typeOf(options), id }), {
          ...(json !== undefined && { json }),
        }),
      ),
    );
  connections
    .command('repair')
    .description('link somebody to another account, which has to exist and to be linked to nobody else; the next cycle brings it in step')
    .argument('<job>', 'id of the job')
    .argument('<id>', 'id in the source, or id of the account that is linked now')
    .option('--to <id>', 'the account, by its id in the target')
    .option('--matching <value>', 'the account, by the value of its first matching attribute')
    .option('--attribute <name>', 'of another matching attribute')
    .option('--group', 'it is a group')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (jobId: string, id: string, { json, to, matching, attribute, ...options }: RepairOptions) => {
        if ((to === undefined) === (matching === undefined)) throw new CliError('say which account: one of --to ID and --matching VALUE');
        const account = to === undefined ? { value: matching!, ...(attribute !== undefined && { attribute }) } : { targetId: to };
        const order = { objectType: typeOf(options), id, to: account };
        return printAnswer(cli, await (await findApi(cli)).repairConnection(jobId, order), { ...(json !== undefined && { json }) });
      }),
    );
};
