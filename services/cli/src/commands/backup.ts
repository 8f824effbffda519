import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { saveWhole } from '../save-whole.js';
import { jsonOption } from './options.js';

export const addBackup: AddCommand = (program, cli, end) => {
  program
    .command('backup')
    .description('save everything that happened, jobs included, into one file (sources, secrets and keys are not in it)')
    .argument('<file>', 'where to; it is replaced only when the backup is whole')
    .option(
      '--keys <file>',
      'save the vault too, sealed as it is, into a file of its own: keep it apart, and the master key apart from both',
    )
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, options: JsonOption & { readonly keys?: string }) => {
        const file = resolve(cli.cwd, name);
        const events = await saveWhole(await (await findApi(cli)).backup(), file);
        // After the events, so that no key is missing for them.
        const keys = options.keys === undefined ? null : resolve(cli.cwd, options.keys);
        const sealed = keys === null ? null : await saveWhole(await (await findApi(cli)).backupKeys(), keys);
        const { size } = await stat(file);
        if (options.json) return printJson(cli, { file, events, bytes: size, ...(keys !== null && { keys, rows: sealed }) });
        const back = `"provident restore ${name}${keys === null ? '' : ` --keys ${options.keys}`}" brings them back`;
        print(
          cli.out,
          `${events} events in ${name} (${(size / 1e6).toFixed(1)} MB)${keys === null ? '' : `, the vault in ${options.keys}`}; ${back}`,
        );
      }),
    );
};
