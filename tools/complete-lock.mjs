/**
 * Adds to package-lock.json what `npm install` leaves out when its registry lacks packages for other platforms: without an entry for
 * each optional package, `npm ci` refuses the whole lock file, on every platform. Run it after `npm install`; `--check` only tells.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fail, inRoot } from './lib/workspace.mjs';

const file = inRoot('package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => [`node_modules/${name}`, stub(name, version, entry)]),
);

if (missing.length > 0 && process.argv.includes('--check')) {
  fail(`package-lock.json lacks ${missing.length} optional packages (${missing[0][0]}, …): run \`node tools/complete-lock.mjs\`.`);
}
for (const [path, entry] of missing) lock.packages[path] = entry;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${missing.length} entries added.\n`);

/** Looks where Node would: beside the package, then further up. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`]) return true;
    if (!folder) return false;
  }
}

/** What is known without the registry: the version is exact, and the name tells the platform. */
function stub(name, version, { dev }) {
  if (!/^\d+\.\d+\.\d+/.test(version)) fail(`${name}@${version} has no exact version; complete the lock file where the registry knows it.`);
  const os = /android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|aix/.exec(name)?.[0];
  const cpu = /arm64|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32|arm/.exec(name)?.[0];
  return {
    version,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(dev ? { dev } : {}),
    ...(name.includes('musl') ? { libc: ['musl'] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}
