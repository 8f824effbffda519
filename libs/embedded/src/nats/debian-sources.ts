import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.js';

/** The Debian archives this machine installs from: what apt says, else what its source files say. */
export async function findMirrors(): Promise<string[]> {
  const { status, output } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian'], {
    timeoutMs: 10_000,
  });
  const known = status === 0 ? output.split('\n').filter((line) => /^\w+:/.test(line)) : [];
  // Without indexes (a slim image before its first `apt-get update`) apt prints nothing.
  const mirrors = known.length > 0 ? known : mirrorsInSources(await sourceTexts());
  return [...new Set(mirrors.map((mirror) => mirror.replace(/\/*$/, '/')))];
}

async function sourceTexts(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name))];
  return Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
}

/** The archives named in one-line (`deb …`) and deb822 (`URIs: …`) sources; archives of security updates have no other suites. */
export function mirrorsInSources(texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => text.split('\n'));
  const oneLine = lines.map((line) => /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s/.exec(line)?.[1]);
  const deb822 = lines.flatMap((line) => /^URIs:\s*(.+)$/i.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return [...oneLine, ...deb822].filter(
    (uri): uri is string => uri !== undefined && /^\w+:\/.*\bdebian\/?$/.test(uri) && !uri.includes('security'),
  );
}
