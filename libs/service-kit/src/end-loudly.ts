import type { Logger } from './logger.js';

/** Ends this process in order, as a failure; whoever started it shows its last words to people. */
export function endLoudly(logger: Logger, error: Error, message: string): void {
  logger.error({ err: error }, message);
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
