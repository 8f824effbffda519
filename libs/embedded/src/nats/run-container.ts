import { containerName, removeContainer } from '../containers.js';
import type { Launched } from '../launch.js';
import { run } from '../run.js';
import type { NatsProgram } from './find-nats.js';
import { natsConfig } from './nats-config.js';

interface Place {
  readonly dataFolder: string;
  readonly configFile: string;
  readonly serverName: string;
}

/** NATS in a container with a volume of its own; the container goes when the server stops, the volume stays. */
export async function natsInContainer(
  { engine, image }: Extract<NatsProgram, { kind: 'container' }>,
  { dataFolder, configFile, serverName }: Place,
) {
  const name = containerName(dataFolder, 'nats');
  await removeContainer(engine, name);
  return {
    file: engine,
    args: (port: number) => {
      const network = ['--publish', `127.0.0.1:${port}:4222`];
      const files = ['--volume', `${name}:/data`, '--volume', `${configFile}:/etc/provident-nats.conf:ro`];
      return ['run', '--rm', '--name', name, ...network, ...files, image, '-c', '/etc/provident-nats.conf'];
    },
    config: () => natsConfig({ serverName, host: '0.0.0.0', port: 4222, storeDir: '/data' }),
    async stop(launched: Launched) {
      if (!launched.hasEnded()) await run(engine, ['stop', '--time', '30', name], { timeoutMs: 60_000 });
      await launched.untilEnded();
    },
    stopCommand: () => [engine, 'rm', '--force', name],
  };
}
