import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Repeats a check until it holds and gives back its result; a check holds unless it throws or returns `undefined`, `null` or `false`.
 * @throws the last failure once the time is over
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 25 }: Patience = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== undefined && result !== null && result !== false) return result;
      failure = new Error(`still ${String(result)} after ${timeoutMs} ms`);
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) throw failure;
    await sleep(intervalMs);
  }
}

/** The same for expectations: holds as soon as nothing is thrown. */
export async function eventuallyHolds(expectations: () => void | Promise<void>, patience: Patience = {}): Promise<void> {
  await eventually(async () => {
    await expectations();
    return true;
  }, patience);
}
