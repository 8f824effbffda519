import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addVault: AddCommand = (program, cli, end) => {
  const vault = program.command('vault').description('where secrets are kept, sealed under a master key');
  vault
    .command('status')
    .description('which master key everything is under')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const facts = await (await findApi(cli)).vault();
        if (json) return printJson(cli, facts);
        if (facts.masterKey === null) return print(cli.out, 'Nothing was ever sealed.');
        print(cli.out, `New values are sealed under master key ${facts.masterKey}.`);
        for (const { masterKey, count } of facts.dataKeys) print(cli.out, `${count} data keys are under master key ${masterKey}.`);
      }),
    );
  vault
    .command('rotate')
    .description('bring everything under a new master key; broken off, it goes on when it is run again')
    .addHelpText(
      'after',
      '\nWhere Provident keeps the key file itself, it makes the new key. Otherwise put the new key first in PROVIDENT_MASTER_KEY_FILE (or\n' +
        'PROVIDENT_MASTER_KEY) of every service, the old one behind it, restart them, run this, and take the old one out.',
    )
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) =>
        printAnswer(cli, await (await findApi(cli)).rotateVault(), { ...(json !== undefined && { json }) }),
      ),
    );
};
