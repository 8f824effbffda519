import type { MeView } from '@provident/contracts';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { jsonOption } from './options.js';

export const addWhoami: AddCommand = (program, cli, end) => {
  program
    .command('whoami')
    .description('who the API takes you for, and what you may do')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const me = await (await findApi(cli)).me();
        if (json) printJson(cli, me);
        else print(cli.out, described(me));
      }),
    );
};

const how = { local: 'nobody has to sign in here', token: 'by an API token', 'open-id': 'by the OpenID issuer' } as const;

function described({ name, signedIn, permissions, expiresAt }: MeView): string {
  const allowed = Object.entries(permissions).map(
    ([permission, jobs]) => `  ${permission}: ${jobs === null ? 'all jobs' : jobs.join(', ')}`,
  );
  const until = expiresAt === null ? '' : `, until ${expiresAt}`;
  return [`${name} (${how[signedIn]}${until})`, ...(allowed.length === 0 ? ['  may do nothing here'] : allowed)].join('\n');
}
