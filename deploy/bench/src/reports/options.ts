import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readOptionsOf, wholeNumber } from '@provident/testing';

export interface ReportsOptions {
  /** Entries of the provisioning log. */
  readonly entries: number;
  readonly save: boolean;
  readonly keep: boolean;
  readonly folder: string;
  /** Read models that stay: filled where there are none yet, and taken as they are otherwise. */
  readonly data?: string | undefined;
}

const usage = `npm run bench -- reports [options]

  --entries <n>    entries of the provisioning log, of which each has about four events   (1000000)
  --save           write deploy/bench/results/reports
  --folder <path>  where the temporary data folder is made; 10 million entries take 45 GB (${tmpdir()})
  --keep           leave the data folder behind
  --data <path>    a data folder that stays: filled at the first time, and asked as it is from then on; what is projected meanwhile stays too
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readReportsOptions(argv: readonly string[]): ReportsOptions | null {
  const values = readOptionsOf(argv, { entries: 'text', folder: 'text', data: 'text', save: 'flag', keep: 'flag' }, usage);
  if (values === null) return null;
  return {
    entries: wholeNumber('--entries', values.entries ?? '1000000', 20_000),
    save: values.save,
    keep: values.keep,
    folder: resolve(values.folder ?? tmpdir()),
    data: values.data === undefined ? undefined : resolve(values.data),
  };
}
