import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { choosePort } from '../choose-port.js';
import { writableFolder } from '../data-folder-path.js';
import type { OnLaunch, Say, StartedServer } from '../started-server.js';
import { readState, writeState } from '../state-file.js';
import { answers, createDatabaseIfMissing, urlOf } from './database.js';
import { findPostgres } from './find-postgres.js';
import { type Home, runBinaries } from './run-binaries.js';
import { runContainer } from './run-container.js';

export interface PostgresOptions {
  /** Provident's data folder; the cluster lies in `postgres` below it. */
  readonly dataFolder: string;
  /** This port or none; otherwise a free one, the same at every start. */
  readonly port?: number | undefined;
  /** For tests: no fsync. */
  readonly volatile?: boolean;
  readonly database?: string;
  /** Whether a container engine may be used; yes unless told otherwise. */
  readonly containers?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly say?: Say;
  readonly onLaunch?: OnLaunch;
}

/** What is remembered from start to start, readable by the owner only. */
interface PostgresState {
  port: number;
  password: string;
  /** Where the cluster is, when not in the data folder. */
  movedTo: string;
}

const USER = 'provident';

/**
 * Finds a PostgreSQL server, starts it on the loopback address, and makes the database.
 * @throws EmbeddedError with what the operator can do about it
 */
export async function startPostgres(options: PostgresOptions): Promise<StartedServer> {
  const { env = process.env, say = () => undefined, volatile = false, database = 'provident' } = options;
  const dataFolder = await writableFolder(options.dataFolder);
  const program = await findPostgres({ env, containers: options.containers ?? true });
  const stateFile = join(dataFolder, 'postgres.json');
  const state = await readState<PostgresState>(stateFile);
  const password = state.password ?? randomBytes(24).toString('base64url');
  await writeState(stateFile, { ...state, password }); // before the cluster: it must never outlive its password
  const home: Home = {
    dataFolder,
    movedTo: state.movedTo,
    logFile: join(dataFolder, 'logs', 'postgres.log'),
    volatile,
    user: USER,
    password,
    say,
    onLaunch: options.onLaunch ?? (() => undefined),
  };
  const runner = program.kind === 'binaries' ? await runBinaries(program, home) : await runContainer(program, home);

  const port = await choosePort({ server: 'PostgreSQL', fixed: options.port, stored: state.port, remedy: 'choose another port' }, say);
  await writeState(stateFile, { port, password, ...(runner.movedTo ? { movedTo: runner.movedTo } : {}) });
  const login = { port, user: USER, password };
  const adminUrl = urlOf(login, 'postgres');
  const server = await runner.start(port, () => answers(adminUrl));
  await createDatabaseIfMissing(adminUrl, database).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  say(`PostgreSQL ${server.version} from ${program.source}, listening on 127.0.0.1:${port}.`);
  return { ...server, url: urlOf(login, database), port, logFile: home.logFile };
}
