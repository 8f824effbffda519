import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { WrongOptions, readOptionsOf, wholeNumber } from '@provident/testing';

export interface IncrementalOptions {
  /** People in the two directories. */
  readonly small: number;
  readonly large: number;
  /** Entries that change before each cycle. */
  readonly changed: number;
  /** Cycles in each directory, of which the middle one counts. */
  readonly rounds: number;
  readonly save: boolean;
  readonly keep: boolean;
  readonly folder: string;
}

const usage = `npm run bench -- incremental [options]

  --small <n>      people in the one directory                 (2000)
  --large <n>      people in the other                         (100000)
  --changed <n>    entries that change before each cycle       (200)
  --rounds <n>     cycles in each, of which the middle counts  (5)
  --save           write deploy/bench/results/incremental
  --folder <path>  where the temporary data folder is made     (${tmpdir()})
  --keep           leave the data folders behind
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readIncrementalOptions(argv: readonly string[]): IncrementalOptions | null {
  const texts = { small: 'text', large: 'text', changed: 'text', rounds: 'text', folder: 'text' } as const;
  const values = readOptionsOf(argv, { ...texts, save: 'flag', keep: 'flag' }, usage);
  if (values === null) return null;
  const small = wholeNumber('--small', values.small ?? '2000', 100);
  const changed = wholeNumber('--changed', values.changed ?? '200', 20);
  if (changed > small) throw new WrongOptions('--changed: there are not so many in the small directory');
  return {
    small,
    large: wholeNumber('--large', values.large ?? '100000', small),
    changed,
    rounds: wholeNumber('--rounds', values.rounds ?? '5', 1),
    save: values.save,
    keep: values.keep,
    folder: resolve(values.folder ?? tmpdir()),
  };
}
