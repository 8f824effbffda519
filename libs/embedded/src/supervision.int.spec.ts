import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually, type TempFolder, tempFolder } from '@provident/testing';
import { openDataFolder, Supervisor } from './index.js';
import { isAlive } from './processes.js';
import type { Crash } from './supervised-service.js';

/** Compiled by tools/test.mjs before these specs run: other processes cannot load the sources. */
const compiled = (file: string) => pathToFileURL(join(import.meta.dirname, '..', 'dist', file)).href;

let folder: TempFolder;
let supervisor: Supervisor;

beforeEach(async () => {
  folder = await tempFolder('supervision');
  supervisor = new Supervisor();
});

afterEach(async () => {
  await supervisor.stopAll(1_000);
  await folder.remove();
});

const spec = (name: string, script: string) => ({
  name,
  command: process.execPath,
  args: ['-e', script],
  logFile: join(folder.path, `${name}.log`),
});
const STAYS = "process.send('ready'); process.on('disconnect', () => process.exit()); setInterval(() => {}, 1000);";

async function running(script: string) {
  const file = join(folder.path, 'other.mjs');
  await writeFile(file, script);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: line.toString().trim() };
}

test('a crashed service is started again, its last words are told, and the waits grow', async () => {
  const crashes: Crash[] = [];
  supervisor.on('crash', (crash) => crashes.push(crash));
  supervisor.supervise(spec('broken', "console.error('no such thing'); process.exit(3);"));
  await eventually(() => crashes.length >= 3);
  expect(crashes.slice(0, 3)).toEqual(
    [200, 400, 800].map((restartInMs, index) => expect.objectContaining({ name: 'broken', code: 3, restartInMs, failures: index + 1 })),
  );
  expect(crashes[0]?.lastLines).toContain('no such thing');
  expect(await readFile(join(folder.path, 'broken.log'), 'utf8')).toContain('no such thing');
});

test('a program that does not exist is a crash like any other', async () => {
  const crashed = once(supervisor, 'crash');
  supervisor.supervise({ ...spec('missing', ''), command: join(folder.path, 'nothing') });
  expect((await crashed)[0]).toMatchObject({ name: 'missing', lastLines: [expect.stringContaining('ENOENT')] });
});

test('a service tells when it is ready and comes back after a SIGKILL', async () => {
  const service = supervisor.supervise(spec('steady', STAYS));
  expect(await service.ready(5_000)).toBe(true);
  const { pid } = service.state();
  process.kill(pid as number, 'SIGKILL');
  await eventually(() => service.state().pid !== pid && service.state().state === 'ready');
  expect(supervisor.status()).toEqual([expect.objectContaining({ name: 'steady', state: 'ready', restarts: 1 })]);
});

test('all services end in reverse order, the deaf one by force', async () => {
  const order = join(folder.path, 'order');
  const says = (name: string) =>
    `process.on('SIGTERM', () => { require('fs').appendFileSync(${JSON.stringify(order)}, '${name} '); process.exit(); });`;
  const services = [
    supervisor.supervise(spec('first', says('first') + STAYS)),
    supervisor.supervise(spec('deaf', `process.on('SIGTERM', () => {});${STAYS}`)),
    supervisor.supervise(spec('last', says('last') + STAYS)),
  ];
  await Promise.all(services.map((service) => service.ready(5_000)));
  const pids = services.map((service) => service.state().pid as number);
  await supervisor.stopAll(500);
  expect(await readFile(order, 'utf8')).toBe('last first ');
  expect(pids.map(isAlive)).toEqual([false, false, false]);
  expect(supervisor.status().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
});

test('services notice when their supervisor is killed', async () => {
  const { child, said } = await running(`
    import { Supervisor } from ${JSON.stringify(compiled('index.js'))};
    const service = new Supervisor().supervise(${JSON.stringify(spec('orphan', STAYS))});
    await service.ready(5000);
    console.log(service.state().pid);
  `);
  child.kill('SIGKILL');
  await eventually(() => !isAlive(Number(said)));
});

test('a data folder belongs to one living process', async () => {
  const data = join(folder.path, 'data');
  const { child } = await running(`
    import { openDataFolder } from ${JSON.stringify(compiled('index.js'))};
    await openDataFolder(${JSON.stringify(data)});
    console.log('open');
    setInterval(() => {}, 1000);
  `);
  await expect(openDataFolder(data)).rejects.toThrow(
    `Provident is already running on ${data} (process ${child.pid}): stop it first, or choose another data folder.`,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  const mine = await openDataFolder(data);
  expect(mine.path).toBe(data);
  mine.release();
  (await openDataFolder(data)).release();
});

test('test servers do not outlive a test run that is killed', async () => {
  const { child, said } = await running(`
    import { startEmbedded } from ${JSON.stringify(compiled('testing/embedded-servers.js'))};
    const { natsUrl, postgresUrl } = await startEmbedded(process.env);
    console.log(JSON.stringify([natsUrl, postgresUrl].map((url) => new URL(url).port)));
    setInterval(() => {}, 1000);
  `);
  const { isPortFree } = await import('./ports.js');
  const ports = (JSON.parse(said) as string[]).map(Number);
  expect(await Promise.all(ports.map((port) => isPortFree(port)))).toEqual([false, false]);
  child.kill('SIGKILL');
  await eventually(async () => (await Promise.all(ports.map((port) => isPortFree(port)))).every(Boolean));
});
