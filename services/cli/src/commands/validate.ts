import type { CommandAnswer } from '@provident/contracts';

import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { CliError } from '../cli-error.js';
import { checkLocally } from '../job-file/check-locally.js';
import type { JobFile } from '../job-file/read-job-file.js';
import { readJobFile } from '../job-file/read-job-file.js';
import { printJobAnswer } from './answer.js';
import { jsonOption } from './options.js';

export const addValidate: AddCommand = (program, cli, end) => {
  program
    .command('validate')
    .description('check a job file and show each mistake where it stands; changes nothing')
    .requiredOption('-f, --file <file>', 'job file, YAML or JSON')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (options: JsonOption & { file: string }) => {
        const file = await readJobFile(options.file, cli.cwd);
        return printJobAnswer(cli, file, await check(cli, file), options);
      }),
    );
};

/** Asks the API, which asks the systems for their attributes; without one, what the file alone can tell. */
async function check(cli: Cli, file: JobFile): Promise<CommandAnswer> {
  const api = await findApi(cli);
  try {
    return await api.validate(file);
  } catch (error) {
    if (error instanceof CliError && error.code === 'not-reachable') return checkLocally(file, api.url);
    throw error;
  }
}
