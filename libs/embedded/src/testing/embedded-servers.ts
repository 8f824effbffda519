import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startGuard } from '../guard.js';
import { startNats } from '../nats/start-nats.js';
import { startPostgres } from '../postgres/start-postgres.js';
import { firstFailure } from './first-failure.js';
import type { TestServers } from './servers.js';

export async function startEmbedded(env: NodeJS.ProcessEnv): Promise<TestServers> {
  const folder = await mkdtemp(join(tmpdir(), 'provident-servers-'));
  await chmod(folder, 0o711); // run as root, PostgreSQL belongs to another user who has to pass through
  const guard = startGuard();
  guard.removes(folder);
  const options = { dataFolder: folder, containers: false, env, onLaunch: guard.stops };
  const starts = await Promise.allSettled([startPostgres({ ...options, volatile: true, database: 'postgres' }), startNats(options)]);
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const elsewhere = servers.map(({ dataDir }) => dirname(dataDir)).filter((each) => !each.startsWith(folder));
  for (const each of elsewhere) guard.removes(each);
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all([folder, ...elsewhere].map((each) => rm(each, { recursive: true, force: true })));
    guard.release();
  };
  const [postgres, nats] = starts;
  if (postgres.status === 'rejected' || nats.status === 'rejected') {
    await stop();
    throw firstFailure(starts);
  }
  return { kind: 'embedded', natsUrl: nats.value.url, postgresUrl: postgres.value.url, stop };
}
