import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { openDataFolder } from '@provident/embedded';

import type { AddCommand, Cli } from '../cli.js';
import { action, print } from '../cli.js';
import { CliError } from '../cli-error.js';
import { dataFolderIn, repositoryRoot } from '../places.js';
import { openServers, type Servers } from '../up/servers.js';
import { Teardown } from '../up/teardown.js';

interface RestoreOptions {
  readonly data?: string;
  readonly keys?: string;
  readonly presentLog?: true;
}

export const addRestore: AddCommand = (program, cli, end) => {
  program
    .command('restore')
    .description('bring a backup back into an installation without events; nothing may be running meanwhile')
    .argument('[file]', 'what "provident backup" made')
    .option('--keys <file>', 'what "provident backup --keys" made: brings the vault back too, under the same master key')
    .option('--present-log', 'no backup: take the log that is there for the truth, and let the services make everything else anew from it')
    .option('--data <folder>', 'data folder (default: .provident here)')
    .addHelpText(
      'after',
      '\nDATABASE_URL and NATS_URL name servers to use instead of own ones. "provident up" goes on with what was restored.',
    )
    .action(action(cli, end, (file: string | undefined, options: RestoreOptions) => restore(cli, file, options)));
};

async function restore(cli: Cli, file: string | undefined, { data, keys, presentLog }: RestoreOptions): Promise<number> {
  if ((file === undefined) !== (presentLog === true) || (presentLog && keys !== undefined))
    throw new CliError('name the backup, or say --present-log: one of them');
  const [path, keysPath] = [file, keys].map((each) => (each === undefined ? null : existing(cli, each))) as [string | null, string | null];
  const teardown = new Teardown();
  try {
    const folder = await openDataFolder(resolve(cli.cwd, data ?? dataFolderIn(cli.cwd)));
    teardown.add(() => folder.release());
    const say = (line: string): void => print(cli.err, line);
    const servers = await openServers({ dataFolder: folder.path, env: cli.env, say }, teardown);
    return await runRestore(cli, [path ?? '--present-log', ...(keysPath === null ? [] : [keysPath])], servers);
  } finally {
    for (const problem of await teardown.run()) print(cli.err, `while stopping: ${String(problem)}`);
  }
}

function existing({ cwd }: Cli, file: string): string {
  const path = resolve(cwd, file);
  if (!existsSync(path)) throw new CliError(`there is no file ${file}`);
  return path;
}

/** In a process of its own: this one knows neither the log nor the database. */
function runRestore({ env, out, err }: Cli, files: readonly string[], { natsUrl, databaseUrl }: Servers): Promise<number> {
  const main = join(repositoryRoot, 'services', 'audit-projector', 'dist', 'restore', 'main.js');
  const child = spawn(process.execPath, [main, ...files], {
    env: { ...env, NATS_URL: natsUrl, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.write(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.write(text));
  return new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('close', (status) => ended(status ?? 1));
  });
}
