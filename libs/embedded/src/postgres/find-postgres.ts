import { join } from 'node:path';
import { dirname } from 'node:path';
import { realpath } from 'node:fs/promises';
import { findContainerEngine, pullIfMissing } from '../containers.js';
import { type Candidate, Refusal, findFirst } from '../find-first.js';
import { findOnPath, isExecutable } from '../on-path.js';
import { lastLine, run } from '../run.js';
import { type Version, findVersion, isAtLeast, printVersion } from '../version.js';
import { platformPackage } from './platform-package.js';

export const OLDEST_POSTGRES: Version = [16];
export const POSTGRES_IMAGE = 'postgres:18';

/** Where a PostgreSQL server comes from. */
export type PostgresProgram =
  | { readonly kind: 'binaries'; readonly source: string; readonly bin: string; readonly version: Version }
  | { readonly kind: 'container'; readonly source: string; readonly engine: string; readonly image: string };

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Whether a container engine may be used. */
  readonly containers?: boolean;
}

export function findPostgres(options: FindOptions = {}): Promise<PostgresProgram> {
  return findFirst(
    'PostgreSQL server',
    postgresCandidates(options),
    'Remedy: point DATABASE_URL at an existing server, or install PostgreSQL 16 or newer and set PROVIDENT_POSTGRES_BIN to the folder with `postgres` and `initdb`.',
  );
}

export function postgresCandidates({ env = process.env, containers = true }: FindOptions): Candidate<PostgresProgram>[] {
  const configured = env['PROVIDENT_POSTGRES_BIN'];
  return [
    {
      source: 'configured path',
      async find() {
        if (!configured) return new Refusal('PROVIDENT_POSTGRES_BIN is not set');
        const found = await examine(configured, `PROVIDENT_POSTGRES_BIN (${configured})`);
        return found instanceof Refusal ? new Refusal(`PROVIDENT_POSTGRES_BIN=${configured}: ${found.reason}.`, true) : found;
      },
    },
    {
      source: 'PATH',
      async find() {
        const program = await findOnPath('postgres', env['PATH']);
        return program ? examine(dirname(await realpath(program)), program) : new Refusal('no `postgres` there');
      },
    },
    {
      source: 'npm package',
      async find() {
        const bin = await platformPackage();
        return bin instanceof Refusal ? bin : examine(bin, 'npm package');
      },
    },
    {
      source: 'container engine',
      async find() {
        if (!containers) return new Refusal('not wanted here');
        const engine = await findContainerEngine(env['PATH']);
        if (engine instanceof Refusal) return engine;
        await pullIfMissing(engine, POSTGRES_IMAGE);
        return { kind: 'container', source: `container ${POSTGRES_IMAGE}`, engine, image: POSTGRES_IMAGE };
      },
    },
  ];
}

async function examine(bin: string, source: string): Promise<PostgresProgram | Refusal> {
  for (const program of ['postgres', 'initdb']) {
    if (!(await isExecutable(join(bin, program)))) return new Refusal(`no executable \`${program}\` there`);
  }
  const { status, output } = await run(join(bin, 'postgres'), ['--version'], { timeoutMs: 10_000 });
  if (status !== 0) return new Refusal(`does not run here (${lastLine(output)})`);
  const version = findVersion(output);
  if (!version) return new Refusal(`prints no version (${lastLine(output)})`);
  if (!isAtLeast(version, OLDEST_POSTGRES))
    return new Refusal(`PostgreSQL ${printVersion(version)} is too old, ${printVersion(OLDEST_POSTGRES)} is needed`);
  return { kind: 'binaries', source, bin, version };
}
