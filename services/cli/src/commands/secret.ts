import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { typed } from '../places.js';
import { renderSecrets } from '../render/secrets.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addSecret: AddCommand = (program, cli, end) => {
  const secret = program
    .command('secret')
    .description('secrets that job files refer to as { secret: NAME }: they go in and never come out');
  secret
    .command('set')
    .description('set a secret: its value is read from standard input, or asked for in a terminal')
    .argument('<name>', 'letters, digits, dots, hyphens and underscores')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, { json }: JsonOption) => {
        const value = await cli.secrets.read(`Value of "${name}" (it is not shown): `);
        if (value === '') throw new CliError('nothing was given: a secret has a value');
        return printAnswer(cli, await (await findApi(cli)).setSecret(name, value), { ...(json !== undefined && { json }) });
      }),
    );
  secret
    .command('list')
    .description('list secrets: who set them and when, and which jobs use them')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const secrets = await (await findApi(cli)).secrets();
        if (json) printJson(cli, secrets);
        else
          print(
            cli.out,
            secrets.length === 0
              ? `No secret yet: ${typed('secret set NAME')} makes one.`
              : renderSecrets(secrets, cli.out.columns, cli.timeZone),
          );
      }),
    );
  secret
    .command('delete')
    .description('delete a secret')
    .argument('<name>', 'as "provident secret list" shows it')
    .option('--force', 'also when a job refers to it, which then fails')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, { force = false, json }: JsonOption & { readonly force?: boolean }) =>
        printAnswer(cli, await (await findApi(cli)).deleteSecret(name, force), { ...(json !== undefined && { json }) }),
      ),
    );
};
