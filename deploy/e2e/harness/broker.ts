import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

import { type StartedServer, startNats } from '@provident/embedded';
import { tempFolder } from '@provident/testing';

export interface Broker {
  readonly url: string;
  /** Where it keeps its streams. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** A NATS server of its own: subjects are the same in every installation, so two of them cannot share one. Ends with this process, even when it is killed. */
export async function startBroker(): Promise<Broker> {
  const folder = await tempFolder('e2e-nats');
  const guards: ChildProcess[] = [];
  const server: StartedServer = await startNats({ dataFolder: folder.path, onLaunch: (stop) => guards.push(whenWeDie(stop)) });
  return {
    url: server.url,
    folder: server.dataDir,
    async stop() {
      await server.stop();
      for (const guard of guards) guard.kill();
      await folder.remove();
      if (!server.dataDir.startsWith(folder.path)) await rm(server.dataDir, { recursive: true, force: true });
    },
  };
}

/** A shell that waits until the pipe from this process closes. */
function whenWeDie(command: readonly string[]): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'trap "" INT HUP; cat > /dev/null; exec "$@"', 'e2e-guard', ...command], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined); // without a shell there is no guard
  guard.unref();
  (guard.stdin as { unref?: () => void } | null)?.unref?.();
  return guard;
}
