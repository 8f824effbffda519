import { connect } from 'node:net';
import { keepRunning, startNats, startPostgres } from '@provident/embedded';

import { CliError } from '../cli-error.js';
import type { Teardown } from './teardown.js';

export interface Servers {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** Started by us, with synchronous writes. */
  readonly isNatsOwn: boolean;
}

export interface ServersOptions {
  readonly dataFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Postgres and NATS: those that DATABASE_URL and NATS_URL name, else servers of our own in the data folder. */
export async function openServers({ dataFolder, env, say }: ServersOptions, teardown: Teardown): Promise<Servers> {
  const own = async (name: string, start: typeof startPostgres | typeof startNats): Promise<string> => {
    const server = await keepRunning(name, () => start({ dataFolder, env, say }), say);
    teardown.add(() => server.stop());
    return server.url;
  };
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl } = env;
  if (databaseUrl) await assertAnswers('Postgres', databaseUrl, 'DATABASE_URL', 5432);
  if (natsUrl) await assertAnswers('NATS', natsUrl, 'NATS_URL', 4222);
  return {
    databaseUrl: databaseUrl || (await own('Postgres', startPostgres)),
    natsUrl: natsUrl || (await own('NATS', startNats)),
    isNatsOwn: !natsUrl,
  };
}

/** Only that somebody is there; whether the server suits is found out by the services, each in one line. */
async function assertAnswers(name: string, address: string, variable: string, defaultPort: number): Promise<void> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url?.hostname)
    throw new CliError(
      `${variable} is not the address of a server, such as ${name === 'NATS' ? 'nats' : 'postgres'}://127.0.0.1:${defaultPort}`,
    );
  const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || defaultPort)];
  const problem = await new Promise<string | null>((resolve) => {
    const socket = connect({ host, port, timeout: 5_000 });
    const end = (why: string | null): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end('no answer within 5 s'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  if (problem !== null)
    throw new CliError(
      `${name} does not answer at ${host}:${port} (${problem}): start it, correct ${variable}, or unset it to use a server of Provident's own`,
    );
}
