import type { DataOf } from '@provident/contracts';
import { CycleClosed, is, jobLane, subjectOf } from '@provident/contracts';
import { asJobId } from '@provident/domain';

import { BenchError } from '../bench-error.js';
import { jobId } from '../load/job.js';
import { type Spread, spreadOf } from '../load/percentile.js';
import type { Child } from '../process/child.js';
import type { CpuByProcess } from '../process/family.js';
import type { World } from '../world.js';
import type { ReadModels } from './read-models.js';
import { type Trace, readTrace } from './read-trace.js';

export type Closed = DataOf<typeof CycleClosed>;

export interface CycleMeasured {
  /** From the order to the moment when its sender hears that the cycle is closed. */
  readonly seconds: number;
  readonly events: number;
  /** From the order until the read models had all of it; null without read models. */
  readonly secondsUntilVisible: number | null;
  readonly closed: Closed;
  readonly trace: Trace;
  /** In ms. */
  readonly readToWritten: Spread | null;
  readonly orderToWritten: Spread | null;
  readonly writtenToVisible: Spread | null;
  /** While it ran, and until the read models had it. */
  readonly cpu: CpuByProcess;
}

export interface CycleTools {
  readonly world: World;
  readonly models: ReadModels | null;
  readonly watcher: Child | null;
  readonly limitMs: number;
}

/** Gives the order, waits for the cycle that follows it, and reads from the log what became of it. */
export async function runCycle({ world, models, watcher, limitMs }: CycleTools, order: () => Promise<unknown>): Promise<CycleMeasured> {
  const { log, family } = world;
  const before = await log.head();
  await watcher?.ask('what was seen?');
  const used = family.watch();
  const orderedAt = Date.now();
  const begin = performance.now();
  const closing = untilClosed(world, before, limitMs);
  closing.catch(() => undefined); // told below, unless the order itself fails
  await order();
  const closed = await closing;
  const seconds = (performance.now() - begin) / 1000;
  const head = await log.head();
  await models?.reach(head);
  const secondsUntilVisible = models && (performance.now() - begin) / 1000;
  const cpu = used();
  const seen = (await watcher?.ask<[number, number][]>('what was seen?')) ?? [];
  const trace = await readTrace(log, before, head);
  const written = [...trace.changes.values()].filter(({ exportedSequence }) => exportedSequence > 0);
  return {
    seconds,
    events: head - before,
    secondsUntilVisible,
    closed,
    trace,
    readToWritten: spreadOf(written.map(({ importedAt, exportedAt }) => exportedAt - importedAt)),
    orderToWritten: spreadOf(written.map(({ exportedAt }) => exportedAt - orderedAt)),
    writtenToVisible: watcher && spreadOf(written.map((change) => seenAt(seen, change.exportedSequence) - change.exportedAt)),
    cpu,
  };
}

/** The next cycle's end. @throws BenchError when it does not come */
export async function untilClosed({ log }: Pick<World, 'log'>, after: number, limitMs: number): Promise<Closed> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limitMs);
  try {
    const filters = [subjectOf(asJobId(jobId), jobLane, 'job-scheduler')];
    for await (const events of log.read({ filters, after, signal: stop.signal })) {
      const closed = events.find((event) => is(event, CycleClosed));
      if (closed && is(closed, CycleClosed)) return closed.data;
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  throw new BenchError(`the cycle was not closed within ${limitMs / 1000} s`);
}

/** When the watcher first saw a position that covers the event. */
function seenAt(seen: readonly (readonly [atMs: number, sequence: number])[], sequence: number): number {
  let [low, high] = [0, seen.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seen[middle]![1] < sequence) low = middle + 1;
    else high = middle;
  }
  const found = seen[low];
  if (!found) throw new BenchError(`event ${sequence} was never seen in the read models`);
  return found[0];
}
