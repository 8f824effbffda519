import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from '../guard.js';
import { startNats } from '../nats/start-nats.js';

/** A NATS server that nobody shares. */
export interface OwnNats {
  readonly url: string;
  /**
   * Ends the server, as a power cut would when `signal` is SIGKILL, and starts it again on the same data and port.
   * @param meanwhile gets the folder of the data, with nobody at work in it
   */
  restart(signal?: 'SIGTERM' | 'SIGKILL', meanwhile?: (dataFolder: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a NATS server for one spec: for those that need the log's subjects to themselves, or end the server. It ends with this process. */
export async function startOwnNats(): Promise<OwnNats> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'provident-nats-'));
  const guard = startGuard();
  guard.removes(dataFolder);
  const start = () => startNats({ dataFolder, containers: false, onLaunch: guard.stops });
  let server = await start();
  return {
    url: server.url,
    restart: async (signal = 'SIGTERM', meanwhile = async () => undefined) => {
      process.kill(server.pid, signal);
      await server.ended;
      await meanwhile(dataFolder);
      server = await start();
    },
    stop: async () => {
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
      guard.release();
    },
  };
}
