import { existsSync } from 'node:fs';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from '../embedded-error.js';
import { launch, untilReady } from '../launch.js';
import { lastLine, run } from '../run.js';
import type { OnLaunch, Say, StartedServer } from '../started-server.js';
import { printVersion } from '../version.js';
import type { PostgresProgram } from './find-postgres.js';
import { postmasterPid, STOP_POSTGRES, stopOrphan } from './orphan.js';
import { asUser, ownFolder, reachableBinaries, reachableHome, type ServerUser, serverUser } from './server-user.js';
import { asArguments, initdbArguments, postgresSettings } from './settings.js';

/** What a cluster needs to know about the place it lives in. */
export interface Home {
  readonly dataFolder: string;
  /** Where an earlier start has put the cluster, when not in the data folder. */
  readonly movedTo: string | undefined;
  readonly logFile: string;
  readonly volatile: boolean;
  readonly user: string;
  readonly password: string;
  readonly say: Say;
  readonly onLaunch: OnLaunch;
}

export type RunningPostgres = Omit<StartedServer, 'url' | 'port' | 'logFile'>;

/** A cluster that is ready to be started. */
export interface PostgresRunner {
  /** The folder to remember because it is not the usual one. */
  readonly movedTo?: string | undefined;
  start(port: number, isReady: () => Promise<boolean>): Promise<RunningPostgres>;
}

type Binaries = Extract<PostgresProgram, { kind: 'binaries' }>;

export async function runBinaries(program: Binaries, home: Home): Promise<PostgresRunner> {
  const user = await serverUser();
  const dataDir = home.movedTo ?? (await reachableHome(home.dataFolder, user, home.say));
  const bin = await reachableBinaries(program.bin, user, home.say);
  const cluster = join(dataDir, 'cluster');
  if (existsSync(join(cluster, 'PG_VERSION'))) await refuseOtherMajor(cluster, program);
  else await createCluster(bin, cluster, program, home, user);
  await stopOrphan(cluster, home.say);
  return {
    movedTo: dataDir === join(home.dataFolder, 'postgres') ? undefined : dataDir,
    start: (port, isReady) => start({ bin, cluster, program, home, user, port, isReady }),
  };
}

async function refuseOtherMajor(cluster: string, { version, source }: Binaries): Promise<void> {
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (made === String(version[0])) return;
  throw new EmbeddedError(
    `The database in ${cluster} was made by PostgreSQL ${made}, but ${source} is ${printVersion(version)}: set PROVIDENT_POSTGRES_BIN to a PostgreSQL ${made}, or carry the database over with pg_upgrade.`,
  );
}

/** Made beside its place and moved there when complete, so that an interrupted start leaves no half of a cluster. */
async function createCluster(bin: string, cluster: string, { version }: Binaries, home: Home, user: ServerUser | undefined): Promise<void> {
  const draft = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  await rm(draft, { recursive: true, force: true });
  await ownFolder(draft, user);
  try {
    await writeFile(passwordFile, home.password, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    const args = ['-D', draft, `--username=${home.user}`, `--pwfile=${passwordFile}`, ...initdbArguments(version, home.volatile)];
    const { status, output } = await run(join(bin, 'initdb'), args, { cwd: '/', env: { ...process.env, LC_ALL: 'C' }, ...asUser(user) });
    if (status !== 0) throw new EmbeddedError(`initdb could not make a database in ${cluster}: ${lastLine(output)}`);
    await rename(draft, cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

interface Start {
  readonly bin: string;
  readonly cluster: string;
  readonly program: Binaries;
  readonly home: Home;
  readonly user: ServerUser | undefined;
  readonly port: number;
  readonly isReady: () => Promise<boolean>;
}

async function start(what: Start): Promise<RunningPostgres> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      return await startOnce(what);
    } catch (error) {
      // After a SIGKILL the killed server's workers hold its shared memory until they have noticed.
      const heldByDyingWorkers = error instanceof EmbeddedError && /shared memory|lock file/i.test(error.message);
      if (!heldByDyingWorkers || Date.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

async function startOnce({ bin, cluster, program, home, user, port, isReady }: Start): Promise<RunningPostgres> {
  const settings = postgresSettings({ port, volatile: home.volatile });
  const launched = await launch({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', cluster, ...asArguments(settings)],
    env: { ...process.env, LC_ALL: 'C' },
    uid: user?.uid,
    gid: user?.gid,
    logFile: home.logFile,
  });
  home.onLaunch(['kill', '-INT', String(launched.pid)]);
  const stop = () => launched.stop(STOP_POSTGRES);
  try {
    await untilReady('PostgreSQL', launched, async () => (await postmasterPid(cluster)) === launched.pid && (await isReady()));
  } catch (error) {
    await stop();
    throw explain(error, await launched.log(), home.logFile);
  }
  return {
    pid: launched.pid,
    version: printVersion(program.version),
    dataDir: cluster,
    ended: launched.ended,
    stop,
  };
}

/** The line of the server's log that names the cause; its hints come after it. */
function explain(error: unknown, log: string, logFile: string): unknown {
  const cause = log.split('\n').findLast((line) => /FATAL|PANIC/.test(line));
  return error instanceof EmbeddedError && cause
    ? new EmbeddedError(`PostgreSQL ended while starting: ${cause.replace(/^.*?(FATAL|PANIC):\s*/, '')} (see ${logFile})`, { cause: error })
    : error;
}
