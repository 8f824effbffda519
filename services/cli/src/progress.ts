import type { CycleView } from '@provident/contracts';

import { formatDuration, formatNumber } from './render/format.js';

/** What a line of progress is made of. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  /** null: nobody knows yet. */
  readonly total: number | null;
  readonly perSecond: number;
  /** Outcomes so far, in the order in which they are shown; zeros are left out. */
  readonly counts: readonly (readonly [name: string, count: number])[];
  /** Why it does not go faster. */
  readonly because?: string;
}

const barWidth = 10;
const spinner = ['|', '/', '-', '\\'] as const;

/** `[#####-----] 52 %  10,400 of 20,000  1,180/s  8 s left  created 10,102 failed 3`; without a total a spinner (when given a tick) with the counts. */
export function renderProgress(progress: Progress, tick: number | null = null): string {
  const { done, total, perSecond, because = '' } = progress;
  const counts = progress.counts.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${formatNumber(count)}`);
  const rate =
    perSecond >= 1
      ? [`${formatNumber(perSecond)}/s`]
      : perSecond * 60 >= 1 && because
        ? [`${formatNumber(Math.round(perSecond * 60))}/min`]
        : [];
  if (total === null)
    return [
      tick === null ? progress.phase : `${spinner[tick % spinner.length]} ${progress.phase}`,
      formatNumber(done),
      ...rate,
      counts.join(' '),
      because,
    ]
      .filter(Boolean)
      .join('  ');
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * barWidth);
  const left = perSecond > 0 && done < total ? [`${formatDuration(Math.max(1, Math.ceil((total - done) / perSecond)) * 1_000)} left`] : [];
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${Math.floor(share * 100)} %`;
  return [bar, `${formatNumber(done)} of ${formatNumber(total)}`, ...rate, ...left, counts.join(' '), because].filter(Boolean).join('  ');
}

/** How far a cycle is. A record is done when it was read and, if it went through the pipeline, has its outcome. */
export function progressOf(cycle: CycleView, perSecond: number): Progress {
  const { tally } = cycle;
  const settled = settledOf(cycle);
  // A page of the source is counted as read a moment after its objects are imported: so many were read at least.
  const read = Math.max(tally.read, tally.imported);
  const done = Math.max(0, read - Math.max(0, tally.imported - settled));
  const total = cycle.importCompletedAt === null ? cycle.total : tally.read;
  return {
    phase: cycle.closedAt !== null ? 'done' : cycle.importCompletedAt === null ? 'reading' : 'writing',
    done: cycle.closedAt === null ? done : tally.read,
    total: total === null ? null : Math.max(total, done),
    perSecond,
    counts: [
      ['created', tally.created],
      ['updated', tally.updated],
      ['disabled', tally.disabled],
      ['deleted', tally.deleted],
      ['skipped', tally.skipped],
      ['unchanged', tally.unchanged],
      ['held', tally.held],
      ['failed', tally.escrowed],
    ],
  };
}

const settledOf = ({ tally }: CycleView): number =>
  tally.created + tally.updated + tally.disabled + tally.deleted + tally.skipped + tally.unchanged + tally.escrowed + tally.held;

/** How many were done at which time. */
export interface Sample {
  readonly atMs: number;
  readonly done: number;
}

const windowMs = 5_000;
/** Of a target with limits: its requests may come in bursts with pauses between them. */
const limitedWindowMs = 120_000;

/** Adds a sample and forgets those that are too old to tell the present speed. */
export function withSample(samples: readonly Sample[], sample: Sample, isLimited = false): Sample[] {
  const longest = isLimited ? limitedWindowMs : windowMs;
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= longest), sample];
}

/** Done per second over the samples; 0 when they tell nothing. */
export function rateOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return 0;
  return Math.max(0, ((last.done - first.done) * 1_000) / (last.atMs - first.atMs));
}
