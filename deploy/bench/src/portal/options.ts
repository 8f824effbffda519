import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readOptionsOf, wholeNumber } from '@provident/testing';

import type { ReportsOptions } from '../reports/options.js';

export type PortalOptions = ReportsOptions;

const usage = `npm run bench -- portal [options]

  --entries <n>    entries of the provisioning log        (1000000)
  --short          20,000 entries, nothing kept: is everything right?
  --save           write deploy/bench/results/portal
  --folder <path>  where the temporary data folder is made (${tmpdir()})
  --keep           leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readPortalOptions(argv: readonly string[]): PortalOptions | null {
  const values = readOptionsOf(argv, { entries: 'text', folder: 'text', save: 'flag', keep: 'flag', short: 'flag' }, usage);
  if (values === null) return null;
  return {
    entries: wholeNumber('--entries', values.entries ?? (values.short ? '20000' : '1000000'), 20_000),
    save: values.save && !values.short,
    keep: values.keep,
    folder: resolve(values.folder ?? tmpdir()),
  };
}
