import { randomBytes } from 'node:crypto';
import { startGuard } from '../guard.js';
import { natsConfig } from '../nats/nats-config.js';
import { NATS_IMAGE } from '../nats/find-nats.js';
import { answers, urlOf } from '../postgres/database.js';
import { POSTGRES_IMAGE } from '../postgres/find-postgres.js';
import { asArguments } from '../postgres/settings.js';
import { isAlive } from '../processes.js';
import { run } from '../run.js';
import { firstFailure } from './first-failure.js';
import type { TestServers } from './servers.js';

const OWNER = 'provident.test.owner';

/** Both servers as containers; without a reaper container, a guard takes them away should this process die. */
export async function startContainers(engine: string): Promise<TestServers> {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await removeAbandoned(engine);
  const { GenericContainer, Wait } = await import('testcontainers');
  const labels = { [OWNER]: String(process.pid) };
  const password = randomBytes(12).toString('hex');
  const guard = startGuard();
  guard.stops(['sh', '-c', `${engine} rm --force --volumes $(${engine} ps --all --quiet --filter label=${OWNER}=${process.pid})`]);
  const starts = await Promise.allSettled([
    new GenericContainer(POSTGRES_IMAGE)
      .withLabels(labels)
      .withEnvironment({ POSTGRES_PASSWORD: password })
      .withCommand([
        'postgres',
        ...asArguments({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }),
      ])
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forListeningPorts())
      .start(),
    new GenericContainer(NATS_IMAGE)
      .withLabels(labels)
      .withCopyContentToContainer([
        {
          content: natsConfig({ serverName: 'provident-test', host: '0.0.0.0', port: 4222, storeDir: '/tmp/jetstream' }),
          target: '/etc/provident-nats.conf',
        },
      ])
      .withCommand(['-c', '/etc/provident-nats.conf'])
      .withExposedPorts(4222)
      .withWaitStrategy(Wait.forListeningPorts())
      .start(),
  ]);
  const stop = async () => {
    await Promise.all(starts.map(async (start) => start.status === 'fulfilled' && start.value.stop({ remove: true, removeVolumes: true })));
    guard.release();
  };
  const [postgres, nats] = starts;
  if (postgres.status === 'rejected' || nats.status === 'rejected') {
    await stop();
    throw firstFailure(starts);
  }
  const at = { user: 'postgres', password, port: postgres.value.getMappedPort(5432) };
  const postgresUrl = urlOf(at, 'postgres').replace('127.0.0.1', postgres.value.getHost());
  while (!(await answers(postgresUrl))) await new Promise((resolve) => setTimeout(resolve, 50));
  return { kind: 'containers', natsUrl: `nats://${nats.value.getHost()}:${nats.value.getMappedPort(4222)}`, postgresUrl, stop };
}

/** Containers of a run that has ended without stopping them. */
async function removeAbandoned(engine: string): Promise<void> {
  const { status, output } = await run(engine, ['ps', '--all', '--filter', `label=${OWNER}`, '--format', `{{.ID}} {{.Label "${OWNER}"}}`]);
  const abandoned = status === 0 ? output.split('\n').filter((line) => line && !isAlive(Number(line.split(' ')[1]))) : [];
  if (abandoned.length > 0) await run(engine, ['rm', '--force', '--volumes', ...abandoned.map((line) => line.replace(/ .*/, ''))]);
}
