import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { startPostgres } from '@provident/embedded';

/** Does work with a Postgres that is there for it only. */
export async function withPostgres<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'provident-faults-'));
  await chmod(folder, 0o711); // run as root, PostgreSQL belongs to another user who has to pass through
  const server = await startPostgres({ dataFolder: folder, volatile: true, containers: false });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
    if (!server.dataDir.startsWith(folder)) await rm(dirname(server.dataDir), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}
