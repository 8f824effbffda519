import { Option } from 'commander';

import type { ApiClient, LogQuery } from '../api-client.js';
import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { parseSince } from '../parse-since.js';
import { explainNothing } from '../render/explain-nothing.js';
import { formatInstant } from '../render/format.js';
import { renderLog } from '../render/log.js';
import { jsonOption, wholeNumber } from './options.js';

type LogOptions = LogQuery & JsonOption;

export const addLog: AddCommand = (program, cli, end) => {
  program
    .command('log')
    .description('the provisioning log: what was done with whom, what was not, and why')
    .option('--user <id>', 'a person: id in the source, id in the target, user name or another matching value')
    .option('--job <job>', 'id of the job')
    .option('--since <time>', 'from then on: 2h, 30m, yesterday, today or an ISO date')
    .option('--until <time>', 'up to then, said in the same way')
    .addOption(
      new Option('--status <status>', 'only entries that ended so').choices(['success', 'failure', 'skipped', 'warning', 'in-progress']),
    )
    .addOption(
      new Option('--activity <activity>', 'only entries with that activity').choices([
        'import',
        'synchronization-rule',
        'export',
        'process-escrow',
      ]),
    )
    .option('--limit <count>', 'entries at most', wholeNumber(1, 1_000), 20)
    .addOption(jsonOption())
    .action(action(cli, end, (options: LogOptions) => showLog(cli, options)));
};

async function showLog(cli: Cli, { json, ...options }: LogOptions): Promise<void> {
  const api: ApiClient = await findApi(cli);
  const query = { ...options, ...time(cli, 'since', options.since), ...time(cli, 'until', options.until) };
  const page = await api.log(query);
  if (json) return printJson(cli, page);
  const { timeZone, paint } = cli;
  print(cli.out, page.entries.length > 0 ? renderLog(page, { timeZone, paint }) : await explainNothing(api, query, timeZone));
  if (page.keptSince !== undefined)
    print(cli.out, `\nThe log is kept since ${formatInstant(page.keptSince, timeZone)}; what was settled before is gone.`);
}

const time = (cli: Cli, name: 'since' | 'until', text: string | undefined): LogQuery =>
  text === undefined ? {} : { [name]: parseSince(text, cli.now()) };
