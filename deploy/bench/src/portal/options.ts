import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BenchError } from '../bench-error.js';
import { whole } from '../options.js';
import type { ReportsOptions } from '../reports/options.js';

export type PortalOptions = ReportsOptions;

const usage = `npm run bench -- portal [options]

  --entries <n>    entries of the provisioning log        (1000000)
  --short          20,000 entries, nothing kept: is everything right?
  --save           write deploy/bench/results/portal
  --folder <path>  where the temporary data folder is made (${tmpdir()})
  --keep           leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws BenchError */
export function readPortalOptions(argv: readonly string[]): PortalOptions | null {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const options = { entries: text, folder: text, save: flag, keep: flag, short: flag, help: { ...flag, short: 'h' } } as const;
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
    entries: whole('--entries', values.entries ?? (values.short ? '20000' : '1000000'), 20_000),
    save: values.save && !values.short,
    keep: values.keep,
    folder: resolve(values.folder ?? tmpdir()),
  };
}
