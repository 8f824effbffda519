import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type StartedServer, startNats, startPostgres } from '@provident/embedded';
import { type TempFolder, tempFolder } from '@provident/testing';

/** A server that a test may kill: it comes back with its data and on its port. */
export class MortalServer {
  private constructor(
    private readonly folder: TempFolder,
    private readonly launch: () => Promise<StartedServer>,
    private server: StartedServer,
  ) {}

  static nats(): Promise<MortalServer> {
    return MortalServer.start('faults-nats', (dataFolder) => startNats({ dataFolder }));
  }

  static postgres(): Promise<MortalServer> {
    return MortalServer.start('faults-postgres', (dataFolder) => startPostgres({ dataFolder, containers: false }));
  }

  private static async start(name: string, launch: (dataFolder: string) => Promise<StartedServer>): Promise<MortalServer> {
    const folder = await tempFolder(name);
    await chmod(folder.path, 0o711); // run as root, PostgreSQL belongs to another user who has to pass through
    const again = () => launch(folder.path);
    return new MortalServer(folder, again, await again());
  }

  get url(): string {
    return this.server.url;
  }

  /** Kills it without a word, and starts it again. */
  async dieAndReturn(): Promise<void> {
    process.kill(this.server.pid, 'SIGKILL');
    await this.server.ended;
    this.server = await this.launch();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    const { dataDir } = this.server;
    await this.folder.remove();
    if (!dataDir.startsWith(this.folder.path))
      await import('node:fs/promises').then(({ rm }) => rm(dirname(dataDir), { recursive: true, force: true }));
  }
}
