import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { sampleTargetPort } from '../places.js';
import { refuseOnPurpose } from '../up/refused-person.js';
import { listenForEnd } from '../up/until-asked-to-end.js';
import { jsonOption, port as portNumber } from './options.js';

interface SampleTargetOptions extends JsonOption {
  readonly port: number;
  readonly file?: string;
}

export const addSampleTarget: AddCommand = (program, cli, end) => {
  program
    .command('sample-target')
    .description('a small SCIM 2.0 service to try jobs on; it refuses one person of the sample on purpose')
    .option('--port <port>', 'port on 127.0.0.1', portNumber, sampleTargetPort)
    .option('--file <file>', 'JSON file that keeps the accounts over restarts; in memory only without one')
    .addOption(jsonOption())
    .addHelpText('after', '\nThe bearer token is SAMPLE_TARGET_TOKEN; without one a new one is made and shown.')
    .action(action(cli, end, (options: SampleTargetOptions) => serve(cli, options)));
};

async function serve(cli: Cli, { port, file, json }: SampleTargetOptions): Promise<void> {
  const { startScimmyTarget } = await import('@provident/connectors/testing'); // loaded here, for no other command needs it
  const given = cli.env['SAMPLE_TARGET_TOKEN'];
  const token = given || randomBytes(24).toString('base64url');
  const target = await startScimmyTarget({
    port,
    token,
    ...(file === undefined ? {} : { file: resolve(cli.cwd, file) }),
    rejectUserName: refuseOnPurpose,
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new CliError(`port ${port} is taken by another program: stop that one, or choose another with --port`, 1, 'port-taken', {
      cause,
    });
  });
  const shownToken = given ? {} : { token };
  if (json) printJson(cli, { url: target.url, users: target.users().length, ...shownToken });
  else
    print(
      cli.out,
      `Sample target at ${target.url} with ${target.users().length} users${given ? '' : `; its token: ${token}`}. Ctrl-C ends it.`,
    );
  const end = listenForEnd();
  process.send?.({ type: 'ready' });
  await end.ended;
  await target.close();
  end.release();
}
