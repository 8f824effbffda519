import { formatNumber } from '../../shared/format.js';

/** Words of the pages that change the rules of a job. */
export const rulesTexts = {
  place: 'Place in the job file',
  before: 'Before',
  after: 'After',
  changed: 'What changed',
  back: 'Bring back',
  applies: 'applies now',
  first: 'the first one',
  notKept: 'the revision before is not loaded',
  nothingChanged: 'nothing',
  take: (revision: number) => `Take revision ${revision} into the editor`,
  seeDifference: (revision: number, count: number) =>
    `${formatNumber(count)} ${count === 1 ? 'difference' : 'differences'} to revision ${revision}`,
  differenceOf: (before: number, revision: number) => `What changed from revision ${before} to revision ${revision}`,
  simulate: 'See who would change',
  begunFrom: (begun: number, now: number) =>
    `You began from revision ${begun}; revision ${now} applies now. Applying yours takes back what the others changed: look at the difference first.`,
} as const;
