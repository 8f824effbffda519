import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePort } from '../choose-port.js';
import { writableFolder } from '../data-folder-path.js';
import { EmbeddedError } from '../embedded-error.js';
import { endProcess, type Launched, launch, untilReady } from '../launch.js';
import { commandLine, isAlive } from '../processes.js';
import type { OnLaunch, Say, StartedServer } from '../started-server.js';
import { readState, writeState } from '../state-file.js';
import { findVersion, isAtLeast } from '../version.js';
import { findNats, OLDEST_NATS } from './find-nats.js';
import { natsConfig } from './nats-config.js';
import { type NatsInfo, readNatsInfo } from './nats-info.js';
import { natsInContainer } from './run-container.js';

export interface NatsOptions {
  /** Provident's data folder; the streams lie in `nats` below it. */
  readonly dataFolder: string;
  /** This port or none; otherwise a free one, the same at every start. */
  readonly port?: number | undefined;
  /** Whether a container engine may be used; yes unless told otherwise. */
  readonly containers?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly say?: Say;
  readonly onLaunch?: OnLaunch;
}

/** SIGTERM lets the server finish what it writes. */
const STOP_NATS = [
  { signal: 'SIGTERM', graceMs: 30_000 },
  { signal: 'SIGKILL', graceMs: 10_000 },
] as const;

/**
 * Finds a NATS server and starts it on the loopback address with a JetStream file store.
 * @throws EmbeddedError with what the operator can do about it
 */
export async function startNats(options: NatsOptions): Promise<StartedServer> {
  const { env = process.env, say = () => undefined, containers = true } = options;
  const dataFolder = await writableFolder(options.dataFolder);
  const program = await findNats({ env, containers, say });
  const storeDir = join(dataFolder, 'nats');
  const configFile = join(dataFolder, 'nats.conf');
  const stateFile = join(dataFolder, 'nats.json');
  const logFile = join(dataFolder, 'logs', 'nats.log');
  const pidFile = join(dataFolder, 'nats.pid');
  await mkdir(storeDir, { recursive: true });
  await stopOrphan(pidFile, configFile, say);

  const state = await readState<{ port: number }>(stateFile);
  const serverName = `provident-${randomBytes(6).toString('hex')}`;
  const runner =
    program.kind === 'binary'
      ? {
          file: program.file,
          args: () => ['-c', configFile],
          config: (port: number) => natsConfig({ serverName, host: '127.0.0.1', port, storeDir, pidFile }),
          stop: (launched: Launched) => launched.stop(STOP_NATS),
          stopCommand: (launched: Launched) => ['kill', '-INT', String(launched.pid)],
        }
      : await natsInContainer(program, { dataFolder, configFile, serverName });
  const port = await choosePort({ server: 'NATS', fixed: options.port, stored: state.port, remedy: 'choose another port' }, say);
  await writeState(stateFile, { port });
  await writeFile(configFile, runner.config(port), { mode: 0o644 });

  const launched = await launch({ name: 'NATS', command: runner.file, args: runner.args(port), env: { ...env }, logFile });
  options.onLaunch?.(runner.stopCommand(launched));
  const stop = () => runner.stop(launched);
  try {
    const info = await greeting(launched, port, serverName);
    refuseUnsuitable(info);
    say(`NATS ${info.version} from ${program.source}, listening on 127.0.0.1:${port}.`);
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      pid: launched.pid,
      version: info.version,
      dataDir: storeDir,
      logFile,
      ended: launched.ended,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the greeting of the server just started; a stranger's greeting on its port is an error. */
async function greeting(launched: Launched, port: number, serverName: string): Promise<NatsInfo> {
  let info: NatsInfo | undefined;
  await untilReady('NATS', launched, async () => {
    info = await readNatsInfo(port);
    if (info && info.server_name !== serverName) {
      throw new EmbeddedError(
        `Port ${port} for NATS is taken by another NATS server (${info.server_name}): stop it, or choose another port.`,
      );
    }
    return info !== undefined;
  });
  if (!info) throw new EmbeddedError('NATS has not greeted.');
  return info;
}

function refuseUnsuitable({ version, jetstream }: NatsInfo): void {
  const found = findVersion(version);
  if (!found || !isAtLeast(found, OLDEST_NATS)) throw new EmbeddedError(`The NATS server is ${version}; Provident needs 2.12 or newer.`);
  if (!jetstream) throw new EmbeddedError('The NATS server has started without JetStream: see its log in the data folder.');
}

/** A server that outlived the run which started it still holds the store. */
async function stopOrphan(pidFile: string, configFile: string, say: Say): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid) || !isAlive(pid) || !(await commandLine(pid)).includes(configFile)) return;
  say(`NATS: a server of an earlier run (process ${pid}) was still there; stopping it.`);
  await endProcess(pid, STOP_NATS);
}
