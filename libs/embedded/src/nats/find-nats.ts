import { join } from 'node:path';
import { findContainerEngine, pullIfMissing } from '../containers.js';
import { type Candidate, Refusal, findFirst } from '../find-first.js';
import { findOnPath, isExecutable } from '../on-path.js';
import { lastLine, run } from '../run.js';
import type { Say } from '../started-server.js';
import { type Version, findVersion, isAtLeast, printVersion } from '../version.js';
import { fetchFromArchive } from './debian-archive.js';
import { natsCache } from './nats-cache.js';
import { fetchRelease } from './pinned-release.js';

/** Older servers accept atomic batches and schedules and silently drop them. */
export const OLDEST_NATS: Version = [2, 12];
export const NATS_IMAGE = 'nats:2';

/** Where a NATS server comes from. */
export type NatsProgram =
  | { readonly kind: 'binary'; readonly source: string; readonly file: string; readonly version: Version }
  | { readonly kind: 'container'; readonly source: string; readonly engine: string; readonly image: string };

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly containers?: boolean;
  readonly say?: Say;
}

export function findNats(options: FindOptions = {}): Promise<NatsProgram> {
  return findFirst(
    'NATS server',
    natsCandidates(options),
    'Remedy: point NATS_URL at an existing server, or put nats-server 2.12 or newer on this machine and set PROVIDENT_NATS_SERVER to it.',
  );
}

export function natsCandidates({ env = process.env, containers = true, say = () => undefined }: FindOptions): Candidate<NatsProgram>[] {
  const configured = env['PROVIDENT_NATS_SERVER'];
  const cache = natsCache(env);
  const cached = join(cache, 'nats-server');
  return [
    {
      source: 'configured path',
      async find() {
        if (!configured) return new Refusal('PROVIDENT_NATS_SERVER is not set');
        const found = await examine(configured, `PROVIDENT_NATS_SERVER (${configured})`);
        return found instanceof Refusal ? new Refusal(`PROVIDENT_NATS_SERVER=${configured}: ${found.reason}.`, true) : found;
      },
    },
    {
      source: 'PATH',
      async find() {
        const file = await findOnPath('nats-server', env['PATH']);
        return file ? examine(file, file) : new Refusal('no `nats-server` there');
      },
    },
    { source: 'fetched before', find: () => examine(cached, cached) },
    {
      source: 'container engine',
      async find() {
        if (!containers) return new Refusal('not wanted here');
        const engine = await findContainerEngine(env['PATH']);
        if (engine instanceof Refusal) return engine;
        await pullIfMissing(engine, NATS_IMAGE);
        return { kind: 'container', source: `container ${NATS_IMAGE}`, engine, image: NATS_IMAGE };
      },
    },
    {
      source: 'pinned release download',
      async find() {
        const url = env['PROVIDENT_NATS_DOWNLOAD_URL'];
        const sha256 = env['PROVIDENT_NATS_DOWNLOAD_SHA256'];
        if (!url && !sha256) return new Refusal('PROVIDENT_NATS_DOWNLOAD_URL and PROVIDENT_NATS_DOWNLOAD_SHA256 are not set');
        if (!url || !sha256)
          return new Refusal(
            'PROVIDENT_NATS_DOWNLOAD_URL and PROVIDENT_NATS_DOWNLOAD_SHA256 are needed together: nothing unpinned is downloaded.',
            true,
          );
        await fetchRelease({ url, sha256, target: cached });
        return examine(cached, `release download (${cached})`);
      },
    },
    {
      source: "operating system's package archive",
      async find() {
        const suite = await fetchFromArchive({ cache, target: cached, oldest: OLDEST_NATS, env, say });
        return suite instanceof Refusal ? suite : examine(cached, `the Debian archive, suite ${suite}`);
      },
    },
  ];
}

async function examine(file: string, source: string): Promise<NatsProgram | Refusal> {
  if (!(await isExecutable(file))) return new Refusal(`no executable ${file}`);
  const { status, output } = await run(file, ['--version'], { timeoutMs: 10_000 });
  if (status !== 0) return new Refusal(`${file} does not run here (${lastLine(output)})`);
  const version = findVersion(output);
  if (!version) return new Refusal(`${file} prints no version (${lastLine(output)})`);
  if (!isAtLeast(version, OLDEST_NATS))
    return new Refusal(`nats-server ${printVersion(version)} is too old, ${printVersion(OLDEST_NATS)} is needed`);
  return { kind: 'binary', source, file, version };
}
