import { type Figure, higher, lower } from '../report/figures.js';
import type { Mode } from '../report/keep.js';
import { type RateOptions, readRateOptions } from './options.js';
import { type PaceMeasured, type RateMeasured, runRate } from './run-rate.js';

const leastUsed = 97;
const mostRefused = 0.1;

const of = (key: string, title: string, { seconds, used, refused }: PaceMeasured, isDeclared: boolean): Record<string, Figure> => ({
  [`${key}.used`]: higher(`${title}, of the allowed rate`, used * 100, '%', leastUsed, 99),
  [`${key}.refused`]: isDeclared
    ? lower('  of all requests refused', refused * 100, '%', mostRefused)
    : lower('  of all requests refused while it is found out', refused * 100, '%'),
  [`${key}.seconds`]: lower('  from the order until all is closed', seconds, 's'),
});

export const rateMode: Mode<RateOptions, RateMeasured> = {
  name: 'rate',
  readOptions: readRateOptions,
  run: runRate,
  figures: ({ declared, shared, learned, reads, known, together }) => ({
    ...of('declared', 'A limit that is declared', declared, true),
    ...of('shared', 'The same, second cycle, which reads as well', shared, true),
    ...of('learned', 'A limit that has to be learned, first cycle', learned, false),
    ...of('reads', 'The same, second cycle, which reads as well', reads, false),
    ...of('known', 'The same, third cycle', known, true),
    ...of('together', 'Two jobs of one target', together, true),
    'together.fairness': higher('  the slower to the faster, when that is done', together.fairness * 100, '%'),
  }),
  describe: ({ users, requests, perSeconds }) =>
    `First cycles of ${users.toLocaleString('en-US')} people each, to a target that allows ${requests} requests in ${perSeconds} s`,
  facts: ({ users, requests, perSeconds }) => ({ users, requests, perSeconds }),
  size: ({ users }) => String(users),
};
