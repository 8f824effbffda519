import { availableParallelism } from 'node:os';

import { readOptionsOf, wholeNumber } from '@provident/testing';

export interface FaultsOptions {
  /** The seeds that are played: so many, from the first on. */
  readonly from: number;
  readonly seeds: number;
  /** One seed that is played and told at length. */
  readonly replay: number | null;
  /** No further story is begun after so many milliseconds. */
  readonly withinMs: number;
  readonly workers: number;
  readonly postgres: boolean;
  /** Plays each seed on both and compares the stories. */
  readonly compare: boolean;
  readonly save: boolean;
  /** Does things wrong on purpose, and looks whether that is found. */
  readonly sabotage: boolean;
}

const usage = `npm run faults -- [options]

  --seeds <n>      stories that are played                           (10000)
  --from <n>       the first of them                                 (1)
  --seed <n>       play this one and tell what happened
  --short          as many as npm test plays; nothing saved          (200)
  --within <n>     begin none after so many minutes                  (all are played)
  --workers <n>    processes that play                               (${availableParallelism()})
  --postgres       the services' tables in a real Postgres: slower
  --compare        play each seed with the tables in memory and in Postgres: the stories have to be the same
  --sabotage       do things wrong on purpose: is each of them found?
  --no-save        do not write deploy/faults/results
`;

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readOptions(argv: readonly string[]): FaultsOptions | null {
  const texts = { seeds: 'text', from: 'text', seed: 'text', within: 'text', workers: 'text' } as const;
  const flags = { short: 'flag', postgres: 'flag', compare: 'flag', sabotage: 'flag', 'no-save': 'flag' } as const;
  const values = readOptionsOf(argv, { ...texts, ...flags }, usage);
  if (values === null) return null;
  const seed = values.seed === undefined ? null : wholeNumber('--seed', values.seed, 0);
  return {
    from: wholeNumber('--from', values.from ?? '1', 0),
    seeds: wholeNumber('--seeds', values.seeds ?? (values.short ? '200' : values.compare ? '20' : '10000'), 1),
    replay: seed,
    withinMs: values.within === undefined ? Infinity : wholeNumber('--within', values.within, 1) * 60_000,
    workers: wholeNumber('--workers', values.workers ?? String(availableParallelism()), 1),
    postgres: values.postgres,
    compare: values.compare,
    sabotage: values.sabotage,
    save: !values.short && !values['no-save'] && seed === null,
  };
}
