import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobStatusView } from '@provident/contracts';
import { isPortFree, openDataFolder } from '@provident/embedded';

import { ApiClient } from '../api-client.js';
import type { Cli } from '../cli.js';
import { print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { readJobFile } from '../job-file/read-job-file.js';
import { findMachineToken } from '../machine-token.js';
import { dataFolderIn, sampleJobFile, sampleTargetPort } from '../places.js';
import { removeRunFile, writeRunFile } from '../run-file.js';
import { applyOnce } from './apply-once.js';
import { awaitFirstCycle } from './first-cycle.js';
import { sampleToken } from './sample-token.js';
import { openServers } from './servers.js';
import { mainFileOf, sampleTargetSpec, serviceSpec, services } from './service-specs.js';
import { startServices } from './start-services.js';
import { printSummary } from './summary.js';
import { Teardown } from './teardown.js';
import { listenForEnd, Stopped } from './until-asked-to-end.js';

export interface UpOptions {
  readonly job?: string;
  readonly data?: string;
  readonly port: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

const apiReadyWithinMs = 60_000;

/**
 * Runs everything on this machine until it is told to end.
 * @returns the exit status
 * @throws CliError, EmbeddedError with nothing left behind
 */
export async function runUp(cli: Cli, options: UpOptions): Promise<number> {
  const teardown = new Teardown();
  const end = listenForEnd();
  const say = (line: string): void => print(options.json ? cli.err : cli.out, line);
  let isUp = false;
  try {
    const up = await start(cli, options, { say, signal: end.signal, teardown });
    isUp = true;
    if (options.once) return isHealthy(up.status) ? 0 : 1;
    await end.ended;
    return 0;
  } catch (error) {
    if (!(error instanceof Stopped) && !end.signal.aborted) throw error;
    return isUp ? 0 : 130;
  } finally {
    const problems = await teardown.run();
    for (const problem of problems) say(`while stopping: ${problem instanceof Error ? problem.message : String(problem)}`);
    if (end.signal.aborted) say('Stopped; the data is kept.');
    end.release();
  }
}

interface Going {
  readonly signal: AbortSignal;
  readonly teardown: Teardown;
  readonly say: (line: string) => void;
}

async function start(cli: Cli, options: UpOptions, { say, signal, teardown }: Going): Promise<{ status: JobStatusView }> {
  assertBuilt();
  const file = await readJobFile(options.job ?? relative(cli.cwd, sampleJobFile), cli.cwd);
  const usesSample = options.job === undefined;
  const folder = await openDataFolder(resolve(cli.cwd, options.data ?? dataFolderIn(cli.cwd)));
  teardown.add(() => folder.release());
  await assertFree(options.port, 'the API', 'choose another with --port');
  if (usesSample) await assertFree(sampleTargetPort, 'the sample target', 'start with a job of your own: --job FILE');

  const servers = await openServers({ dataFolder: folder.path, env: cli.env, say }, teardown);
  signal.throwIfAborted();
  const token = usesSample ? await sampleToken(folder.path) : null;
  const surroundings = {
    servers,
    env: cli.env,
    logs: folder.logs,
    dataFolder: folder.path,
    baseDir: dirname(resolve(cli.cwd, file.path)),
    port: options.port,
    sampleToken: token,
  };
  const sample = token === null ? [] : [sampleTargetSpec(folder.path, folder.logs, cli.env, token)];
  await startServices([...sample, ...services.map((service) => serviceSpec(service, surroundings))], say, signal, teardown);

  const url = urlOf(cli, options.port);
  await untilReady(new ApiClient(url), signal);
  const api = new ApiClient(url, cli.env['PROVIDENT_TOKEN'] || (await findMachineToken(folder.path)));
  await writeRunFile(folder.path, { url: api.url, pid: process.pid, startedAt: new Date(cli.now()).toISOString() });
  teardown.add(() => removeRunFile(folder.path));

  const applied = await applyOnce(api, file, folder.path);
  if (applied.message !== null) say(applied.message);
  await awaitFirstCycle(api, applied.jobId, { screen: options.json ? cli.err : cli.out, now: cli.now, signal });
  const status = await api.status(applied.jobId);
  if (options.json) printJson(cli, status);
  else await printSummary(cli, api, status, { dataFolder: folder.path, usesSample, staysUp: !options.once });
  return { status };
}

/** A certificate is for a name and not for an address. */
const urlOf = ({ env }: Cli, port: number): string =>
  env['PROVIDENT_TLS_CERT'] ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;

function assertBuilt(): void {
  const missing = services.filter((service) => !existsSync(mainFileOf(service)));
  if (missing.length > 0) throw new CliError(`not built yet (${missing.join(', ')}): run "npm run build" first`, 1, 'not-built');
}

async function assertFree(port: number, what: string, remedy: string): Promise<void> {
  if (!(await isPortFree(port)))
    throw new CliError(`port ${port} for ${what} is taken by another program: stop that one, or ${remedy}`, 1, 'port-taken');
}

async function untilReady(api: ApiClient, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + apiReadyWithinMs; Date.now() < until; await pause(100, undefined, { signal }))
    if (await api.isReady()) return;
  throw new CliError(
    `the API at ${api.url} is not ready after 60 s: report-api.log and audit-projector.log in the data folder say why`,
    1,
    'not-ready',
  );
}

const isHealthy = ({ state, lastCycle }: JobStatusView): boolean => state !== 'quarantine' && lastCycle?.state !== 'failed';
