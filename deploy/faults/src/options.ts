import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface FaultsOptions {
  /** The seeds that are played: so many, from the first on. */
  readonly from: number;
  readonly seeds: number;
  /** One seed that is played and told at length. */
  readonly replay: number | null;
  readonly workers: number;
  readonly postgres: boolean;
  /** Plays each seed on both and compares the stories. */
  readonly compare: boolean;
  readonly save: boolean;
}

const usage = `npm run faults -- [options]

  --seeds <n>      stories that are played                           (10000)
  --from <n>       the first of them                                 (1)
  --seed <n>       play this one and tell what happened
  --short          as many as npm test plays; nothing saved          (200)
  --workers <n>    processes that play                               (${availableParallelism()})
  --postgres       the services' tables in a real Postgres: slower
  --compare        play each seed with the tables in memory and in Postgres: the stories have to be the same
  --no-save        do not write deploy/faults/results
`;

/** The command line asks for what is not there. */
export class WrongOptions extends Error {
  override readonly name = 'WrongOptions';
}

/** What the command line asks for; null when it asks for help. @throws WrongOptions */
export function readOptions(argv: readonly string[]): FaultsOptions | null {
  const values = parse(argv);
  if (values.help) {
    process.stdout.write(usage);
    return null;
  }
  const seed = values.seed === undefined ? null : whole('--seed', values.seed, 0);
  return {
    from: whole('--from', values.from ?? '1', 0),
    seeds: whole('--seeds', values.seeds ?? (values.short ? '200' : values.compare ? '20' : '10000'), 1),
    replay: seed,
    workers: whole('--workers', values.workers ?? String(availableParallelism()), 1),
    postgres: values.postgres,
    compare: values.compare,
    save: !values.short && !values['no-save'] && seed === null,
  };
}

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        seeds: text,
        from: text,
        seed: text,
        workers: text,
        short: flag,
        postgres: flag,
        compare: flag,
        'no-save': flag,
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new WrongOptions(`${(error as Error).message}\n\n${usage}`);
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value >= least) return value;
  throw new WrongOptions(`${name}: a whole number from ${least} on, not ${text}`);
}
