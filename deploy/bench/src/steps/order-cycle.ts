import { BenchError } from '../bench-error.js';
import type { CpuByProcess } from '../process/family.js';
import type { World } from '../world.js';
import { type Closed, untilClosed } from './run-cycle.js';

export interface OrderedCycle {
  /** From the order until the cycle was closed. */
  readonly seconds: number;
  readonly closed: Closed;
  /** Log sequence before it. */
  readonly after: number;
  /** What is used from the order until this is called. */
  readonly used: () => CpuByProcess;
  /** Instant of the order, by `performance.now()`. */
  readonly begin: number;
}

/** Gives the order and waits until the cycle that follows it is closed. @throws BenchError when it did not succeed, or when its tally is not as expected */
export async function orderCycle(
  world: World,
  limitMs: number,
  expected: Partial<Closed['tally']>,
  order: () => Promise<unknown>,
): Promise<OrderedCycle> {
  const after = await world.log.head();
  const used = world.family.watch();
  const begin = performance.now();
  const closing = untilClosed(world, after, limitMs);
  closing.catch(() => undefined); // told below, unless the order itself fails
  await order();
  const closed = await closing;
  const seconds = (performance.now() - begin) / 1000;
  assertRight('cycle', checkClosed(closed, expected));
  return { seconds, closed, after, used, begin };
}

function checkClosed({ result, failure, tally }: Closed, expected: Partial<Closed['tally']>): string[] {
  const problems: string[] = [];
  if (result !== 'succeeded') problems.push(`its result is ${result}: ${JSON.stringify(failure)}`);
  for (const [name, should] of Object.entries(expected)) {
    const is = tally[name as keyof typeof tally];
    if (is !== should) problems.push(`its tally says ${name} ${is}, not ${should}: ${JSON.stringify(tally)}`);
  }
  const { created, updated, disabled, deleted, skipped, unchanged, escrowed, held } = tally;
  const outcomes = created + updated + disabled + deleted + skipped + unchanged + escrowed + held;
  if (outcomes !== tally.imported) problems.push(`its tally does not balance: ${tally.imported} imported, ${outcomes} outcomes`);
  if (escrowed + held > 0) problems.push(`${escrowed} in escrow and ${held} held`);
  return problems;
}

export function assertRight(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new BenchError(`The ${what}: wrong.\n  ${problems.join('\n  ')}`);
}
