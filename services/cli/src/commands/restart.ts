import { type RestartScope, restartScopes, usualScopes } from '@provident/domain';
import { Option } from 'commander';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface RestartOptions extends JsonOption {
  readonly scope?: readonly (RestartScope | 'all')[];
}

const explained = `
Scopes:
  quarantine  ends the quarantine, and forgets the failures that led to it
  escrows     objects that failed are no longer tried again by themselves; they come back when they are read
  watermark   the next cycle is an initial one: everything is read and compared again
  links       forgets which account belongs to whom: everybody is matched anew (with watermark)
  removals    does the removals that are held for a person
  all         quarantine, escrows and watermark: what a restart does without --scope; links and held removals stay

A restart also ends pause and stop. The import of an open cycle ends, what it has imported is finished, and the new cycle opens.`;

export const addRestart: AddCommand = (program, cli, end) => {
  program
    .command('restart')
    .description('let a job begin anew, in part or as a whole')
    .argument('<job>', 'id of the job')
    .addOption(new Option('--scope <scope...>', 'what to let go of').choices([...restartScopes, 'all']))
    .addOption(jsonOption())
    .addHelpText('after', explained)
    .action(
      action(cli, end, async (jobId: string, { scope = [], ...options }: RestartOptions) => {
        const scopes = [...new Set(scope.flatMap<RestartScope>((each) => (each === 'all' ? usualScopes : [each])))];
        return printAnswer(cli, await (await findApi(cli)).restart(jobId, scopes), options);
      }),
    );
};
