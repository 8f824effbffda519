import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BenchError } from '../bench-error.js';
import { whole } from '../options.js';

export interface ReportsOptions {
  /** Entries of the provisioning log. */
  readonly entries: number;
  readonly save: boolean;
  readonly keep: boolean;
  readonly folder: string;
}

const usage = `npm run bench -- reports [options]

  --entries <n>    entries of the provisioning log, of which each has about four events   (1000000)
  --save           write deploy/bench/results/reports
  --folder <path>  where the temporary data folder is made; 10 million entries take 45 GB (${tmpdir()})
  --keep           leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws BenchError */
export function readReportsOptions(argv: readonly string[]): ReportsOptions | null {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const options = { entries: text, folder: text, save: flag, keep: flag, help: { ...flag, short: 'h' } };
  let values;
  try {
    values = parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new BenchError(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) {
    process.stdout.write(usage);
    return null;
  }
  return {
    entries: whole('--entries', values.entries ?? '1000000', 20_000),
    save: values.save,
    keep: values.keep,
    folder: resolve(values.folder ?? tmpdir()),
  };
}
