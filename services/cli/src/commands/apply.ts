import { Option } from 'commander';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, findApi } from '../cli.js';
import { readJobFile } from '../job-file/read-job-file.js';
import { printJobAnswer } from './answer.js';
import { jsonOption } from './options.js';

interface ApplyOptions extends JsonOption {
  readonly file: string;
  readonly forgetLinks?: boolean;
  readonly keepLinks?: boolean;
}

export const addApply: AddCommand = (program, cli, end) => {
  program
    .command('apply')
    .description('create a job from a file, or change it; the same file again changes nothing')
    .requiredOption('-f, --file <file>', 'job file, YAML or JSON')
    .addOption(new Option('--forget-links', 'the target is another system now: match everybody anew there').conflicts('keepLinks'))
    .option('--keep-links', 'the target is the same system under another address')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (options: ApplyOptions) => {
        const file = await readJobFile(options.file, cli.cwd);
        const api = await findApi(cli);
        return printJobAnswer(
          cli,
          file,
          await api.apply(file, options.forgetLinks ? 'forget' : options.keepLinks ? 'keep' : undefined),
          options,
        );
      }),
    );
};
