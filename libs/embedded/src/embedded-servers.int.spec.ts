import { chmod, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type TempFolder, tempFolder } from '@provident/testing';
import { type Guard, startGuard } from './guard.js';
import { keepRunning, startNats, startPostgres } from './index.js';
import { freePort } from './ports.js';
import { withConnection } from './postgres/database.js';
import { isAlive } from './processes.js';
import type { StartedServer } from './started-server.js';

let folder: TempFolder;
let guard: Guard;
let started: StartedServer[];
let said: string[];

beforeEach(async () => {
  folder = await tempFolder('embedded');
  await chmod(folder.path, 0o711); // root's PostgreSQL belongs to another user
  guard = startGuard(); // should this run be killed
  guard.removes(folder.path);
  started = [];
  said = [];
});

afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  await folder.remove();
  guard.release();
});

const options = () => ({ dataFolder: folder.path, containers: false, say: (line: string) => void said.push(line), onLaunch: guard.stops });
const remember = (server: StartedServer) => (started.push(server), server);
const postgres = async (more = {}) => remember(await startPostgres({ ...options(), ...more }));
const nats = async (more = {}) => remember(await startNats({ ...options(), ...more }));
const message = (start: Promise<unknown>) => start.then(String, (error: Error) => error.message);

async function storeMessage(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  await (await jetstreamManager(connection)).streams.add({ name: 'kept', subjects: ['kept.>'] });
  await jetstream(connection).publish('kept.one', 'still here');
  await connection.close();
}

async function storedMessages(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  const { state } = await (await jetstreamManager(connection)).streams.info('kept');
  await connection.close();
  return state.messages;
}

const storeRow = (url: string) => withConnection(url, (client) => client.query("CREATE TABLE kept AS SELECT 'still here' AS text"));
const storedRow = (url: string) => withConnection(url, async (client) => (await client.query('SELECT text FROM kept')).rows);

describe('a data folder', () => {
  test('keeps rows, streams and ports from one start to the next', async () => {
    const first = { postgres: await postgres(), nats: await nats() };
    await Promise.all([storeRow(first.postgres.url), storeMessage(first.nats.url)]);
    await Promise.all([first.postgres.stop(), first.nats.stop()]);
    expect([first.postgres, first.nats].map(({ pid }) => isAlive(pid))).toEqual([false, false]);

    const second = { postgres: await postgres(), nats: await nats() };
    expect([second.postgres.url, second.nats.url]).toEqual([first.postgres.url, first.nats.url]);
    expect(await storedRow(second.postgres.url)).toEqual([{ text: 'still here' }]);
    expect(await storedMessages(second.nats.url)).toBe(1);
    expect(said.filter((line) => /listening on 127\.0\.0\.1/.test(line))).toHaveLength(4);
  });

  test('survives the SIGKILL of both servers', async () => {
    const first = { postgres: await postgres(), nats: await nats() };
    await Promise.all([storeRow(first.postgres.url), storeMessage(first.nats.url)]);
    for (const { pid } of started) process.kill(pid, 'SIGKILL');
    await Promise.all(started.map((server) => server.ended));

    expect(await storedRow((await postgres()).url)).toEqual([{ text: 'still here' }]);
    expect(await storedMessages((await nats()).url)).toBe(1);
  });

  test('is taken over from servers that outlived the run which started them', async () => {
    const orphans = [await postgres(), await nats()] as const;
    await storeMessage(orphans[1].url);
    const successors = [await postgres(), await nats()] as const;
    expect(orphans.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    expect(successors.map(({ url }) => url)).toEqual(orphans.map(({ url }) => url));
    expect(said.filter((line) => line.includes('of an earlier run'))).toHaveLength(2);
    expect(await storedMessages(successors[1].url)).toBe(1);
  });

  test('that cannot be written is refused in one line', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const closed = { dataFolder: join(folder.path, 'file', 'data') };
    for (const start of [startPostgres, startNats])
      expect(await message(start(closed))).toMatch(/^The data folder \S+ cannot be written \(not a folder\): .*\.$/);
  });

  test("behind a closed folder still gets a database, in a place root's server user can reach", async () => {
    if (process.getuid?.() !== 0) return;
    await chmod(folder.path, 0o700);
    const first = await postgres();
    await storeRow(first.url);
    await first.stop();
    try {
      expect(first.dataDir.startsWith('/var/lib/provident/')).toBe(true);
      expect(said[0]).toContain(`cannot reach ${folder.path}, so the database is kept in /var/lib/provident/`);
      const second = await postgres();
      expect(await storedRow(second.url)).toEqual([{ text: 'still here' }]);
      await second.stop();
    } finally {
      await rm(join(first.dataDir, '..', '..'), { recursive: true });
      await rmdir('/var/lib/provident').catch(() => undefined); // others may have something there
    }
  });
});

describe('a port', () => {
  test('that the operator has fixed and somebody else uses is named with the remedy', async () => {
    const port = await freePort();
    const stranger = createServer().listen(port, '127.0.0.1');
    try {
      for (const [name, start] of [
        ['PostgreSQL', postgres],
        ['NATS', nats],
      ] as const) {
        expect(await message(start({ port }))).toBe(
          `Port ${port} for ${name} is taken by another program: stop that program, or choose another port.`,
        );
      }
    } finally {
      stranger.close();
    }
  });

  test('that was chosen freely is changed when somebody else has it by now', async () => {
    const first = await nats();
    await first.stop();
    const stranger = createServer().listen(first.port, '127.0.0.1');
    try {
      expect((await nats()).port).not.toBe(first.port);
      expect(said).toContainEqual(expect.stringContaining(`port ${first.port} of the last start is taken`));
    } finally {
      stranger.close();
    }
  });
});

describe('a configured program', () => {
  test('that is too old is refused in one line', async () => {
    const fake = join(folder.path, 'nats-server');
    await writeFile(fake, '#!/bin/sh\necho "nats-server: v2.10.27"\n', { mode: 0o755 });
    expect(await message(nats({ env: { ...process.env, PROVIDENT_NATS_SERVER: fake } }))).toBe(
      `PROVIDENT_NATS_SERVER=${fake}: nats-server 2.10.27 is too old, 2.12 is needed.`,
    );
  });

  test('that is not there is refused, not replaced', async () => {
    await mkdir(join(folder.path, 'bin'));
    expect(await message(postgres({ env: { ...process.env, PROVIDENT_POSTGRES_BIN: join(folder.path, 'bin') } }))).toMatch(
      /^PROVIDENT_POSTGRES_BIN=.*no executable `postgres` there\.$/,
    );
  });
});

test('a server that is kept running comes back at the same address after a SIGKILL', async () => {
  const kept = await keepRunning('NATS', nats, options().say);
  await storeMessage(kept.url);
  const { pid, ended } = kept.current();
  process.kill(pid, 'SIGKILL');
  await ended;
  while (kept.current().pid === pid) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await storedMessages(kept.url)).toBe(1);
  await kept.stop();
  expect(isAlive(kept.current().pid)).toBe(false);
});
