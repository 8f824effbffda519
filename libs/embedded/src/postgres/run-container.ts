import { containerName, removeContainer } from '../containers.js';
import { launch, untilReady } from '../launch.js';
import { run } from '../run.js';
import { findVersion, printVersion } from '../version.js';
import type { PostgresProgram } from './find-postgres.js';
import type { Home, PostgresRunner, RunningPostgres } from './run-binaries.js';
import { asArguments, containerSettings } from './settings.js';

type Container = Extract<PostgresProgram, { kind: 'container' }>;

/** PostgreSQL in a container with a volume of its own; the container goes when the server stops, the volume stays. */
export async function runContainer({ engine, image }: Container, home: Home): Promise<PostgresRunner> {
  const name = containerName(home.dataFolder, 'postgres');
  await removeContainer(engine, name);
  return {
    async start(port, isReady): Promise<RunningPostgres> {
      const network = ['--publish', `127.0.0.1:${port}:5432`];
      const files = ['--volume', `${name}:/var/lib/postgresql`, '--shm-size', '256m'];
      const environment = ['POSTGRES_PASSWORD', 'POSTGRES_USER', 'POSTGRES_INITDB_ARGS'].flatMap((variable) => ['--env', variable]);
      const launched = await launch({
        name: 'PostgreSQL',
        command: engine,
        args: ['run', '--rm', '--name', name, ...network, ...files, ...environment, image, ...asArguments(containerSettings())],
        env: {
          ...process.env,
          POSTGRES_PASSWORD: home.password,
          POSTGRES_USER: home.user,
          POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8',
        },
        logFile: home.logFile,
      });
      home.onLaunch([engine, 'rm', '--force', name]);
      const stop = async () => {
        await run(engine, ['stop', '--time', '60', name], { timeoutMs: 90_000 });
        await launched.untilEnded();
      };
      try {
        await untilReady('PostgreSQL', launched, isReady);
      } catch (error) {
        await removeContainer(engine, name);
        throw error;
      }
      const { output } = await run(engine, ['exec', name, 'postgres', '--version']);
      return {
        pid: launched.pid,
        version: printVersion(findVersion(output) ?? []),
        dataDir: name,
        ended: launched.ended,
        stop,
      };
    },
  };
}
