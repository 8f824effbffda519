import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLine, run } from '../run.js';

export interface PinnedRelease {
  /** A `.tar.gz`, a `.deb`, or the program itself. */
  readonly url: string;
  readonly sha256: string;
  readonly target: string;
}

/** Downloads what the operator has pinned; nothing is unpacked before its checksum is right. */
export async function fetchRelease({ url, sha256, target }: PinnedRelease): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sha256.trim().toLowerCase()) throw new Error(`the download has checksum ${actual}, not the pinned one`);

  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), 'release-'));
  try {
    const file = join(scratch, 'download');
    await writeFile(file, content);
    await install(await unpack(new URL(url).pathname, file, scratch), target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function unpack(name: string, file: string, scratch: string): Promise<string> {
  const command = unpackCommand(name, file, scratch);
  if (!command) return file;
  const [program, ...args] = command;
  const { status, output } = await run(program, args);
  if (status !== 0) throw new Error(`${program} cannot unpack the download: ${lastLine(output)}`);
  const found = await run('find', [scratch, '-type', 'f', '-name', 'nats-server']);
  const [first] = found.output.split('\n');
  if (!first) throw new Error('the download holds no file named nats-server');
  return first;
}

function unpackCommand(name: string, file: string, scratch: string): [string, ...string[]] | undefined {
  if (/\.(tar\.gz|tgz)$/.test(name)) return ['tar', '-xzf', file, '-C', scratch];
  if (name.endsWith('.zip')) return ['unzip', '-q', file, '-d', scratch];
  if (name.endsWith('.deb')) return ['dpkg-deb', '-x', file, scratch];
  return undefined;
}

/** Puts a program in its place in one step, so that nobody ever runs half of it. */
export async function install(file: string, target: string): Promise<void> {
  const draft = `${target}.${process.pid}.new`;
  await cp(file, draft);
  await chmod(draft, 0o755);
  await rename(draft, target);
}
