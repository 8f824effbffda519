import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs, failuresInARow } from './back-off.js';
import type { Say, StartedServer } from './started-server.js';

export interface KeptServer {
  readonly url: string;
  /** The server that runs now, or ran last. */
  current(): StartedServer;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/**
 * Starts a server and starts it again whenever it ends unasked, later and later while it keeps ending. Start it on the port and
 * data of before (both starters do), so that its users find it again.
 * @throws what the first start throws; later failures are said and tried again
 */
export async function keepRunning(name: string, start: () => Promise<StartedServer>, say: Say = () => undefined): Promise<KeptServer> {
  let server = await start();
  let restarting: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  const watch = async (): Promise<void> => {
    for (let failures = 0, startedAt = Date.now(); ; ) {
      const { code, signal } = await server.ended;
      if (stopping.signal.aborted) return;
      failures = failuresInARow(failures, Date.now() - startedAt);
      say(`${name} has ended (${signal ?? `status ${code}`}); starting it again.`);
      restarting = restart(failures);
      await restarting;
      if (stopping.signal.aborted) return;
      startedAt = Date.now();
    }
  };

  const restart = async (first: number): Promise<void> => {
    for (let failures = first; !stopping.signal.aborted; failures += 1) {
      await sleep(backOffMs(failures), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        server = await start();
        return;
      } catch (error) {
        say(`${name} could not be started again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  void watch();
  return {
    url: server.url,
    current: () => server,
    stop: async () => {
      stopping.abort();
      await restarting;
      await server.stop();
    },
  };
}
