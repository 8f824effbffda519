import type { GrantView, TokenOrder, TokenView } from '@provident/contracts';
import { roles } from '@provident/domain';
import { InvalidArgumentError, Option } from 'commander';

import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { renderTokens } from '../render/tokens.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface CreateOptions extends JsonOption {
  readonly role: GrantView['role'][];
  readonly job?: string[];
  readonly expires: number | 'never';
}

export const addToken: AddCommand = (program, cli, end) => {
  const token = program.command('token').description('API tokens: what programs, and this command line elsewhere, sign in with');
  token
    .command('create')
    .description('make a token; it is shown once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--role <role...>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--job <job...>', 'only for these jobs')
    .option('--expires <days>', 'such as 90d, or never', days, 90)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe token alone is printed on standard output, so that it can be kept: provident token create ci --role operator > ci.token',
    )
    .action(action(cli, end, (name: string, options: CreateOptions) => create(cli, name, options)));
  token
    .command('list')
    .description('the tokens, without the tokens themselves')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const tokens = await (await findApi(cli)).tokens();
        if (json) printJson(cli, tokens);
        else print(cli.out, tokens.length === 0 ? 'No token yet.' : renderTokens(tokens, cli.out.columns, cli.timeZone));
      }),
    );
  token
    .command('revoke')
    .description('refuse a token from now on, everywhere')
    .argument('<name>', 'its name, or its id')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, options: JsonOption) =>
        printAnswer(cli, await (await findApi(cli)).revokeToken(name), options),
      ),
    );
};

async function create(cli: Cli, name: string, { role, job, expires, json }: CreateOptions): Promise<void> {
  const grants: TokenOrder['grants'] = role.map((each) => ({ role: each, jobs: job ?? null }));
  const made = await (await findApi(cli)).makeToken({ name, grants, expiresInDays: expires === 'never' ? null : expires });
  if (json) return printJson(cli, made);
  print(cli.out, made.secret);
  print(cli.err, `${described(made.token)}. Keep it: it is shown this once. Use it as PROVIDENT_TOKEN, or as "Authorization: Bearer …".`);
}

const described = ({ name, grants, expiresAt }: TokenView): string =>
  `Token "${name}": ${grants.map(({ role, jobs }) => `${role}${jobs ? ` for ${jobs.join(', ')}` : ''}`).join('; ')}, ${expiresAt === null ? 'does not expire' : `until ${expiresAt.slice(0, 10)}`}`;

/** `90d`, `90`, or `never`. */
function days(text: string): number | 'never' {
  if (text === 'never') return text;
  const count = Number(/^([1-9]\d{0,3})d?$/.exec(text)?.[1]);
  if (count >= 1 && count <= 3_650) return count;
  throw new InvalidArgumentError('It is neither a number of days up to 3650, such as 90d, nor "never".');
}
