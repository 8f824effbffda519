import type { AddCommand } from '../cli.js';
import { action } from '../cli.js';
import { defaultPort } from '../places.js';
import type { UpOptions } from '../up/run-up.js';
import { jsonOption, port } from './options.js';

export const addUp: AddCommand = (program, cli, end) => {
  program
    .command('up')
    .description('run everything on this machine: Postgres, NATS, all services, the API; without --job the sample job and its target')
    .option('--job <file>', 'job file to apply and run instead of the sample')
    .option('--data <folder>', 'data folder, kept over restarts (default: .provident here)')
    .option('--port <port>', 'port of the API on 127.0.0.1', port, defaultPort)
    .option('--once', 'end after the first cycle and its summary; exit status 1 when the cycle failed')
    .addOption(jsonOption())
    .addHelpText('after', '\nDATABASE_URL and NATS_URL name servers to use instead of own ones.')
    .action(
      action(cli, end, async (options: UpOptions) => {
        const { runUp } = await import('../up/run-up.js'); // loaded here, for no other command starts servers
        return runUp(cli, options);
      }),
    );
};
