import type { EventView } from '@provident/contracts';

import type { ApiClient, EventQuery } from '../api-client.js';
import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print } from '../cli.js';
import { renderEvent } from '../render/event.js';
import { listenForEnd } from '../up/until-asked-to-end.js';
import { jsonOption, wholeNumber } from './options.js';

interface EventsOptions extends JsonOption {
  readonly follow?: boolean;
  readonly after?: number;
  readonly job?: string;
}

const pageSize = 500;
/** Events shown when nobody says where to begin. */
const recent = 50;

export const addEvents: AddCommand = (program, cli, end) => {
  program
    .command('events')
    .description(`the events of the log as they were appended; the latest ${recent} unless told where to begin`)
    .option('--follow', 'go on with new ones until Ctrl-C')
    .option('--after <sequence>', 'begin behind this position of the log; 0 is the beginning', wholeNumber(0))
    .option('--job <job>', 'only those of this job')
    .addOption(jsonOption())
    .addHelpText('after', '\nWith --json one event per line (NDJSON).')
    .action(action(cli, end, (options: EventsOptions) => showEvents(cli, options)));
};

async function showEvents(cli: Cli, { follow, after, job, json }: EventsOptions): Promise<void> {
  const api = await findApi(cli);
  const begin = after ?? Math.max(0, (await api.health()).log.head - recent);
  const query = { after: begin, ...(job === undefined ? {} : { job }) };
  const show = (event: EventView): void => print(cli.out, json ? JSON.stringify(event) : renderEvent(event, cli.timeZone));
  if (!follow) return showAll(api, query, show);
  const end = listenForEnd();
  try {
    for await (const event of api.follow(query, end.signal)) show(event);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    end.release();
  }
}

async function showAll(api: ApiClient, query: EventQuery & { after: number }, show: (event: EventView) => void): Promise<void> {
  for (let after = query.after; ; ) {
    const page = await api.events({ ...query, after, limit: pageSize });
    page.forEach(show);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.sequence;
  }
}
