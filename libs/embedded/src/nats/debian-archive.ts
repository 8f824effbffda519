import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../find-first.js';
import { findOnPath } from '../on-path.js';
import { lastLine, run } from '../run.js';
import type { Say } from '../started-server.js';
import { type Version, findVersion, isAtLeast, printVersion } from '../version.js';
import { install } from './pinned-release.js';
import { findMirrors } from './debian-sources.js';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGE = 'nats-server';

export interface ArchiveFetch {
  readonly cache: string;
  readonly target: string;
  readonly oldest: Version;
  readonly env: NodeJS.ProcessEnv;
  readonly say: Say;
}

/**
 * Takes the server from the archive this machine installs from, from a newer suite if its own is too old: in apt directories of
 * our own, signatures checked, the machine's sources untouched. Gives back the suite.
 */
export async function fetchFromArchive(fetch: ArchiveFetch): Promise<string | Refusal> {
  const missing = await whatIsMissing(fetch.env);
  if (missing) return new Refusal(missing);
  const mirrors = await findMirrors();
  if (mirrors.length === 0) return new Refusal('apt knows no Debian archive');

  await mkdir(fetch.cache, { recursive: true });
  const home = await mkdtemp(join(fetch.cache, 'apt-'));
  try {
    const reasons: string[] = [];
    for (const suite of suitesToTry(await readFile('/etc/os-release', 'utf8').catch(() => ''))) {
      for (const mirror of mirrors) {
        const reason = await tryArchive({ ...fetch, home, mirror, suite });
        if (!reason) return suite;
        reasons.push(`${suite}: ${reason}`);
      }
    }
    return new Refusal(reasons.join('; '));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function whatIsMissing(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const program of ['apt-get', 'apt-cache', 'dpkg-deb']) {
    if (!(await findOnPath(program, env['PATH']))) return `no ${program} here`;
  }
  return existsSync(KEYRING) ? undefined : `${KEYRING} is missing (package debian-archive-keyring)`;
}

/** The machine's own suite, then the newer ones, each once. */
export function suitesToTry(osRelease: string): string[] {
  const own = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(osRelease)?.[1];
  return [...new Set([...(own && /^ID="?debian"?$/m.test(osRelease) ? [own] : []), 'forky', 'sid'])];
}

interface Try extends ArchiveFetch {
  readonly home: string;
  readonly mirror: string;
  readonly suite: string;
}

/** Why not from here; nothing when the server is in its place. */
async function tryArchive({ home, mirror, suite, oldest, target, env, say }: Try): Promise<string | undefined> {
  const folder = join(home, suite);
  const apt = await aptIn(folder, mirror, suite, env);
  const update = await apt('apt-get', ['update']);
  if (update.status !== 0) return lastLine(update.output) || 'its index cannot be read';

  const shown = await apt('apt-cache', ['show', '--no-all-versions', PACKAGE]);
  const offered = findVersion(/^Version: (?:\d+:)?(.*)$/m.exec(shown.output)?.[1] ?? '');
  if (!offered) return `no package ${PACKAGE}`;
  if (!isAtLeast(offered, oldest)) return `${printVersion(offered)} is too old`;

  say(`NATS: fetching nats-server ${printVersion(offered)} from the Debian archive, suite ${suite}.`);
  const download = await apt('apt-get', ['download', PACKAGE]);
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (download.status !== 0 || !file) return lastLine(download.output) || 'the download failed';
  const unpacked = join(folder, 'unpacked');
  const extract = await run('dpkg-deb', ['-x', join(folder, file), unpacked]);
  if (extract.status !== 0) return lastLine(extract.output);
  await install(join(unpacked, 'usr', 'sbin', 'nats-server'), target);
  return undefined;
}

type Apt = (tool: string, args: readonly string[]) => ReturnType<typeof run>;

/** apt with directories of its own. What the machine says about proxies, logins and expired indexes stays in force. */
async function aptIn(folder: string, mirror: string, suite: string, env: NodeJS.ProcessEnv): Promise<Apt> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  const status = join(folder, 'status');
  const sources = join(folder, 'sources.list');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  await writeFile(status, '');
  await writeFile(sources, `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    'Dir::Etc::preferences=-',
    'Dir::Etc::preferencesparts=-',
    `Dir::State::lists=${lists}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${cache}`,
    'APT::Sandbox::User=root',
    'APT::Default-Release=',
    'APT::Update::Error-Mode=any',
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false',
  ].flatMap((option) => ['-o', option]);
  return (tool, args) => run(tool, ['-qq', ...options, ...args], { cwd: folder, env: { ...env, LC_ALL: 'C' }, timeoutMs: 180_000 });
}
