import type { HeldOrder } from '@provident/contracts';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface ChosenOptions extends JsonOption {
  readonly user?: string[];
  readonly group?: string[];
}

const orderOf = ({ user, group }: ChosenOptions): HeldOrder => ({ ...(user && { users: user }), ...(group && { groups: group }) });

/** Both ways to decide about held removals take the same words. */
const addVerdict =
  (name: 'release' | 'reject', description: string): AddCommand =>
  (program, cli, end) => {
    program
      .command(name)
      .description(description)
      .argument('<job>', 'id of the job')
      .argument('<cycle>', 'id of the cycle that proposed them; "provident held JOB" shows it')
      .option('--user <id...>', 'of these people only: id in the source, id in the target, user name or another matching value')
      .option('--group <id...>', 'of these groups only, and of who is to leave them')
      .addOption(jsonOption())
      .action(
        action(cli, end, async (jobId: string, cycleId: string, options: ChosenOptions) =>
          printAnswer(cli, await (await findApi(cli))[name](jobId, cycleId, orderOf(options)), options),
        ),
      );
  };

export const addRelease = addVerdict('release', 'do removals that were held because there were more than the thresholds allow');
export const addReject = addVerdict(
  'reject',
  'let removals that were held be: they are not proposed again until the person or group, or the rules change',
);
