import { setTimeout as pause } from 'node:timers/promises';
import type { HealthView } from '@provident/contracts';

import { CliError } from './cli-error.js';
import type { Screen } from './screen.js';

const pollMs = 300;
/** So long nothing is said of it: reports are mostly a moment behind, and no more. */
const quietForMs = 1_500;
/** Whoever makes no headway for so long makes none. */
const stuckAfterMs = 30_000;

export interface Awaiting {
  readonly screen: Screen;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until the reports know what the log knew when this was called, as long as they come nearer: after an upgrade they are made anew from the
 * whole log, and until then know nothing of what was long ago.
 * @throws CliError when they come no nearer, and at once when it is another log
 */
export async function awaitReports(
  api: { health: () => Promise<Pick<HealthView, 'log'>> },
  { screen, now, signal }: Awaiting,
): Promise<void> {
  const beganAt = now();
  const { head: wanted, position: first } = await rightLog(api);
  let position = first;
  let movedAt = beganAt;
  let isSaid = false;
  while (position < wanted) {
    if (now() - movedAt > stuckAfterMs)
      throw new CliError(`the reports stay at event ${position} of ${wanted}: does the audit-projector run?`);
    if (!isSaid && now() - beganAt > quietForMs) {
      screen.write(`Reports are being brought up to date with the log: ${position} of ${wanted} events.\n`);
      isSaid = true;
    }
    await pause(pollMs, undefined, { signal });
    const log = await rightLog(api);
    if (log.position !== position) movedAt = now();
    ({ position } = log);
  }
}

/** @throws CliError with what to do when the log is not the one that the reports were made from */
async function rightLog(api: { health: () => Promise<Pick<HealthView, 'log'>> }): Promise<HealthView['log']> {
  const { log } = await api.health();
  if (log.wrong !== undefined) throw new CliError(log.wrong);
  return log;
}
