import type { CycleView } from '@provident/contracts/http';

/** How far a cycle is, in objects. */
export interface Progress {
  /** Records that are settled: read, and with an outcome if they had to go through the pipeline. */
  readonly done: number;
  /** Null: the source does not tell how many there are. */
  readonly total: number | null;
  readonly phase: 'reading' | 'writing' | 'closed';
}

export const settledOf = ({ tally }: Pick<CycleView, 'tally'>): number =>
  tally.created + tally.updated + tally.disabled + tally.deleted + tally.skipped + tally.unchanged + tally.escrowed + tally.held;

export function progressOf(cycle: CycleView): Progress {
  const { tally, closedAt, importCompletedAt } = cycle;
  if (closedAt !== null) return { done: tally.read, total: tally.read, phase: 'closed' };
  // A page of the source is counted as read a moment after its objects are imported: so many were read at least.
  const read = Math.max(tally.read, tally.imported);
  const done = Math.max(0, read - Math.max(0, tally.imported - settledOf(cycle)));
  const total = importCompletedAt === null ? cycle.total : tally.read;
  return { done, total: total === null ? null : Math.max(total, done), phase: importCompletedAt === null ? 'reading' : 'writing' };
}

/** How many were done at which time, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly done: number;
}

const windowMs = 20_000;
const enoughMs = 3_000;
const stalledMs = 10_000;

/**
 * Adds a sample and forgets those that are too old to tell the present speed. What is done stays done: counts that are not of one instant
 * may say less than before for a moment, which is not believed.
 */
export const withSample = (samples: readonly Sample[], { at, done }: Sample): readonly Sample[] => [
  ...samples.filter((each) => at - each.at <= windowMs),
  { at, done: Math.max(done, samples.at(-1)?.done ?? 0) },
];

/** Samples of cycles that this window looks at, by their id: who goes to another page and comes back is not told anew that the speed is being measured. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** The same with another sample. Cycles that nobody looks at any more are forgotten. */
export const withSampleOf = (all: Samples, cycleId: string, sample: Sample): Samples =>
  new Map([
    ...[...all].filter(([id, samples]) => id !== cycleId && sample.at - (samples.at(-1)?.at ?? 0) <= windowMs),
    [cycleId, withSample(all.get(cycleId) ?? [], sample)],
  ]);

/** Coarser the farther away it is, as far as can be known of what is to come: `12 s`, `40 s`, `1 min 30 s`, `12 min`; never nothing. */
export function roundedLeft(ms: number): number {
  const stepMs = ms < 20_000 ? 1_000 : ms < 60_000 ? 5_000 : ms < 300_000 ? 10_000 : 60_000;
  return Math.max(1_000, Math.round(ms / stepMs) * stepMs);
}

/** What can honestly be said of a speed and an end. */
export type Pace =
  | { readonly kind: 'measuring' }
  | { readonly kind: 'stalled'; readonly sinceMs: number }
  /** Between the speed of the whole window and that of its later half: a range, since the future is one. `leftMs` is null without a total. */
  | { readonly kind: 'moving'; readonly perSecond: number; readonly leftMs: readonly [from: number, to: number] | null };

/** @param now the time at which it is asked, on the clock of the samples */
export function paceOf(samples: readonly Sample[], total: number | null, now: number): Pace {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return { kind: 'measuring' };
  const lastMove = samples.find(({ done }) => done === last.done)!;
  if (now - lastMove.at >= stalledMs) return { kind: 'stalled', sinceMs: now - lastMove.at };
  if (last.at - first.at < enoughMs || last.done === first.done) return { kind: 'measuring' };
  const middle = samples.find(({ at }) => at >= (first.at + last.at) / 2) ?? first;
  const speeds = [first, middle].map((from) => speed(from, last)).filter((each) => each > 0);
  const overall = speed(first, last);
  if (total === null) return { kind: 'moving', perSecond: overall, leftMs: null };
  const left = speeds.map((each) => roundedLeft(((total - last.done) / each) * 1_000));
  return { kind: 'moving', perSecond: overall, leftMs: [Math.min(...left), Math.max(...left)] };
}

const speed = (from: Sample, to: Sample): number => (to.at > from.at ? ((to.done - from.done) * 1_000) / (to.at - from.at) : 0);
