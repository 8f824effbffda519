import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readOptionsOf, wholeNumber } from '@provident/testing';

export interface RateOptions {
  /** People of a job. */
  readonly users: number;
  /** What the target allows in `perSeconds`. */
  readonly requests: number;
  readonly perSeconds: number;
  readonly save: boolean;
  readonly keep: boolean;
  readonly folder: string;
}

const usage = `npm run bench -- rate [options]

  --users <n>      people of a job                             (3000)
  --requests <n>   requests that the target allows             (500)
  --per <seconds>  in so long                                  (5)
  --save           write deploy/bench/results/rate
  --folder <path>  where the temporary data folder is made     (${tmpdir()})
  --keep           leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readRateOptions(argv: readonly string[]): RateOptions | null {
  const values = readOptionsOf(argv, { users: 'text', requests: 'text', per: 'text', folder: 'text', save: 'flag', keep: 'flag' }, usage);
  return (
    values && {
      users: wholeNumber('--users', values.users ?? '3000', 10),
      requests: wholeNumber('--requests', values.requests ?? '500', 1),
      perSeconds: wholeNumber('--per', values.per ?? '5', 1),
      save: values.save,
      keep: values.keep,
      folder: resolve(values.folder ?? tmpdir()),
    }
  );
}
