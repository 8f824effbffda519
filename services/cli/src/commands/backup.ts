import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { saveWhole } from '../save-whole.js';
import { jsonOption } from './options.js';

export const addBackup: AddCommand = (program, cli, end) => {
  program
    .command('backup')
    .description('save everything that happened, jobs included, into one file (sources and secrets are not in it)')
    .argument('<file>', 'where to; it is replaced only when the backup is whole')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, options: JsonOption) => {
        const file = resolve(cli.cwd, name);
        const events = await saveWhole(await (await findApi(cli)).backup(), file);
        const { size } = await stat(file);
        if (options.json) printJson(cli, { file, events, bytes: size });
        else print(cli.out, `${events} events in ${name} (${(size / 1e6).toFixed(1)} MB); "provident restore ${name}" brings them back`);
      }),
    );
};
