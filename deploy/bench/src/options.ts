import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readOptionsOf, wholeNumber } from '@provident/testing';

import { BenchError } from './bench-error.js';

export interface BenchOptions {
  /** Accounts that the first cycle makes. */
  readonly users: number;
  /** Rows that differ in the incremental cycle. */
  readonly changed: number;
  /** Requests that the target takes at once; the connector's own default unless told otherwise. */
  readonly concurrency: number;
  /** Which values of people are sealed in the log: those of a job that does not say, or all. */
  readonly seal: Seal;
  readonly save: boolean;
  /** Leaves the data folder behind, for a look at the logs. */
  readonly keep: boolean;
  /** Without audit-projector and report-api: what the pipeline does when nobody looks on. */
  readonly pipelineOnly: boolean;
  /** Where the temporary data folder is made: on the disk that is to be measured. */
  readonly folder: string;
}

export type Seal = 'usual' | 'all';

const usage = `npm run bench -- [options]
npm run bench -- reports [options]       how fast questions are answered
npm run bench -- portal [options]        how fast the pages are in a browser
npm run bench -- groups [options]        a group of 100,000 members
npm run bench -- incremental [options]   200 changes in a small and in a large directory
npm run bench -- rate [options]          a target that allows only so much
Each of them tells its options with --help.

  --users <n>        accounts that the first cycle makes           (20000)
  --changed <n>      rows that differ in the incremental cycle     (200)
  --concurrency <n>  requests that the target takes at once        (8)
  --seal all         every value of people sealed in the log, with a key of each
  --short            2000 users, nothing saved: is everything right?
  --no-save          do not write deploy/bench/results
  --pipeline-only    without read models; nothing saved
  --folder <path>    where the temporary data folder is made       (${tmpdir()})
  --keep             leave the data folder behind
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions, BenchError */
export function readOptions(argv: readonly string[]): BenchOptions | null {
  const texts = { users: 'text', changed: 'text', concurrency: 'text', seal: 'text', folder: 'text' } as const;
  const flags = { short: 'flag', 'no-save': 'flag', 'pipeline-only': 'flag', keep: 'flag' } as const;
  const values = readOptionsOf(argv, { ...texts, ...flags }, usage);
  if (values === null) return null;
  const users = wholeNumber('--users', values.users ?? (values.short ? '2000' : '20000'), 10);
  const changed = wholeNumber('--changed', values.changed ?? String(Math.min(200, users >> 1)), 1);
  if (values.seal !== undefined && values.seal !== 'all') throw new BenchError('--seal: only "all" can be sealed otherwise than usual');
  if (changed > users) throw new BenchError('--changed: there are not so many users');
  return {
    users,
    changed,
    concurrency: wholeNumber('--concurrency', values.concurrency ?? '8', 1),
    seal: values.seal === 'all' ? 'all' : 'usual',
    save: !values.short && !values['no-save'] && !values['pipeline-only'],
    keep: values.keep,
    pipelineOnly: values['pipeline-only'],
    folder: resolve(values.folder ?? tmpdir()),
  };
}
