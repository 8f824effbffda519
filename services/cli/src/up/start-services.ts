import type { Crash, ServiceSpec } from '@provident/embedded';
import { Supervisor } from '@provident/embedded';

import { CliError } from '../cli-error.js';
import { formatDuration } from '../render/format.js';
import { printable } from '../render/text.js';
import type { Teardown } from './teardown.js';

const readyWithinMs = 60_000;
/** A service that crashes once while everything starts gets another try. */
const fatalFailures = 2;

/**
 * Starts services and waits until all are ready; from then on a crash is one line, and the service is started again.
 * @throws CliError with the service's own words when one of them cannot start
 */
export async function startServices(
  specs: readonly ServiceSpec[],
  say: (line: string) => void,
  signal: AbortSignal,
  teardown: Teardown,
): Promise<void> {
  const supervisor = new Supervisor();
  teardown.add(() => supervisor.stopAll());
  const crashed = new Promise<never>((_, reject) => {
    supervisor.on('crash', (crash) => {
      if (crash.failures >= fatalFailures) reject(new CliError(cannotStart(crash, specs), 1, 'service-failed'));
    });
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  crashed.catch(() => undefined);
  const started = specs.map((spec) => supervisor.supervise(spec));
  const ready = Promise.all(started.map(async (service) => ({ name: service.spec.name, isReady: await service.ready(readyWithinMs) })));
  const late = (await Promise.race([ready, crashed])).find(({ isReady }) => !isReady);
  if (late)
    throw new CliError(
      `${late.name} is not ready after ${formatDuration(readyWithinMs)}: ${logOf(specs, late.name)} says why`,
      1,
      'service-failed',
    );
  supervisor.removeAllListeners('crash');
  supervisor.on('crash', (crash) => say(crashLine(crash)));
}

function crashLine(crash: Crash): string {
  return `${crash.name} ended (${endOf(crash)}); starting it again in ${formatDuration(crash.restartInMs)}.`;
}

const endOf = ({ signal, code, lastLines }: Crash): string => [signal ?? `status ${code}`, ...wordsOf(lastLines).slice(0, 1)].join(': ');

function cannotStart(crash: Crash, specs: readonly ServiceSpec[]): string {
  const [words] = wordsOf(crash.lastLines);
  return words ?? `${crash.name} cannot start (${endOf(crash)}): ${logOf(specs, crash.name)} says why`;
}

/** The last line that was written for people, not as JSON for machines, and not part of a stack. */
function wordsOf(lines: readonly string[]): string[] {
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('{') && !/^\s/.test(line))
    .slice(-1)
    .map(printable);
}

const logOf = (specs: readonly ServiceSpec[], name: string): string => specs.find((spec) => spec.name === name)?.logFile ?? 'its log';
