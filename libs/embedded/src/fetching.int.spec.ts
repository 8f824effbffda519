import { createHash } from 'node:crypto';
import { access, lstat, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TempFolder, tempFolder } from '@provident/testing';
import { findNats } from './index.js';
import { restoreSymlinks } from './postgres/platform-package.js';

const PROGRAM = '#!/bin/sh\necho "nats-server: v2.99.0"\n';
const CHECKSUM = createHash('sha256').update(PROGRAM).digest('hex');

let folder: TempFolder;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await tempFolder('fetching');
  server = createServer((_request, response) => response.end(PROGRAM)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nats-server`;
});

afterAll(async () => {
  server.close();
  await folder.remove();
});

/** Nothing on PATH, so neither a server, a container engine nor apt is found. */
const findWith = (env: NodeJS.ProcessEnv) =>
  findNats({ env: { PATH: '', XDG_CACHE_HOME: join(folder.path, env['CACHE'] ?? 'cache'), ...env } });

test('nothing is downloaded unless it is pinned', async () => {
  await expect(findWith({})).rejects.toThrow(/pinned release download: .* are not set\n.*package archive: no apt-get here\nRemedy: /);
  await expect(findWith({ PROVIDENT_NATS_DOWNLOAD_URL: url })).rejects.toThrow('are needed together');
});

test('a download with another checksum is thrown away', async () => {
  const env = { CACHE: 'wrong', PROVIDENT_NATS_DOWNLOAD_URL: url, PROVIDENT_NATS_DOWNLOAD_SHA256: '0'.repeat(64) };
  await expect(findWith(env)).rejects.toThrow(`the download has checksum ${CHECKSUM}, not the pinned one`);
  await expect(access(join(folder.path, 'wrong'))).rejects.toThrow('ENOENT');
});

test('a pinned download is taken once and found in the cache afterwards', async () => {
  const pinned = { PROVIDENT_NATS_DOWNLOAD_URL: url, PROVIDENT_NATS_DOWNLOAD_SHA256: CHECKSUM, PATH: '/usr/bin:/bin' };
  const file = join(folder.path, 'cache', 'provident', 'nats', 'nats-server');
  expect(await findNats({ env: { ...pinned, XDG_CACHE_HOME: join(folder.path, 'cache') }, containers: false })).toMatchObject({
    file,
    version: [2, 99, 0],
  });
  expect(await findWith({ PATH: '/usr/bin:/bin' })).toMatchObject({ file, source: file });
});

test('symbolic links an install script should have made are made up for', async () => {
  const lib = join(folder.path, 'native', 'lib');
  await mkdir(lib, { recursive: true });
  await writeFile(join(lib, 'libpq.so.5.18'), '');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(join(folder.path, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  await restoreSymlinks(folder.path);
  await restoreSymlinks(folder.path);
  expect((await lstat(join(lib, 'libpq.so.5'))).isSymbolicLink()).toBe(true);
});
