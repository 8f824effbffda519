import type { JobStatusView } from '@provident/contracts';
import { apiPaths, portalPath } from '@provident/contracts';
import { relative } from 'node:path';

import type { ApiClient } from '../api-client.js';
import type { Cli } from '../cli.js';
import { print } from '../cli.js';
import { sampleTargetPort, typed } from '../places.js';
import { listFailures } from '../render/failures.js';
import { renderStatus } from '../render/status.js';
import { renderFields } from '../render/table.js';

interface SummaryOptions {
  readonly dataFolder: string;
  readonly usesSample: boolean;
  readonly staysUp: boolean;
}

/** The summary report, what failed, and where everything is. */
export async function printSummary(cli: Cli, api: ApiClient, status: JobStatusView, options: SummaryOptions): Promise<void> {
  print(cli.out, `\n${renderStatus(status, { now: cli.now(), timeZone: cli.timeZone })}`);
  const { lastCycle } = status;
  const failures = lastCycle && lastCycle.tally.escrowed > 0 ? await listFailures(api, lastCycle, cli.timeZone) : '';
  if (failures !== '') print(cli.out, failures);
  print(cli.out, `\n${renderFields(addresses(cli, api, status, options))}`);
}

function addresses(
  cli: Cli,
  api: ApiClient,
  { jobId }: JobStatusView,
  { dataFolder, usesSample, staysUp }: SummaryOptions,
): (readonly [string, string])[] {
  const data = relative(cli.cwd, dataFolder);
  return [
    ['portal', new URL(portalPath, api.url).href],
    ['API', new URL(apiPaths.jobs, api.url).href],
    ...(usesSample ? ([['sample target', `http://127.0.0.1:${sampleTargetPort}/scim`]] as const) : []),
    ['data', `${data === '' || data.startsWith('..') ? dataFolder : data} (logs in its folder "logs")`],
    ...(staysUp
      ? ([
          ['ask it', typed(`log --job ${jobId}`)],
          ['end it', 'Ctrl-C'],
        ] as const)
      : []),
  ];
}
