import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readOptionsOf, wholeNumber } from '@provident/testing';

export interface GroupsOptions {
  /** Members of the one group. */
  readonly members: number;
  readonly save: boolean;
  readonly keep: boolean;
  readonly folder: string;
}

const usage = `npm run bench -- groups [options]

  --members <n>    members of the one group                    (100000)
  --save           write deploy/bench/results/groups
  --folder <path>  where the temporary data folder is made     (${tmpdir()})
  --keep           leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readGroupsOptions(argv: readonly string[]): GroupsOptions | null {
  const values = readOptionsOf(argv, { members: 'text', folder: 'text', save: 'flag', keep: 'flag' }, usage);
  return (
    values && {
      members: wholeNumber('--members', values.members ?? '100000', 100),
      save: values.save,
      keep: values.keep,
      folder: resolve(values.folder ?? tmpdir()),
    }
  );
}
