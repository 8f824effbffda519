import { type Server, createServer as createHttpServer } from 'node:http';
import { type AddressInfo, type Server as TcpServer, createServer as createTcpServer } from 'node:net';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Pool } from 'undici';

import { openSource, openTarget } from '../registry.js';
import { networkPolicy } from './address-policy.js';
import { type Resolve, guardedLookup, refusalIn } from './guarded-lookup.js';

let http: Server;
let tcp: TcpServer;
let connections: number;
beforeEach(async () => {
  connections = 0;
  http = createHttpServer((_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end());
  tcp = createTcpServer((socket) => socket.destroy());
  for (const server of [http, tcp]) {
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
});
afterEach(async () => {
  http.closeAllConnections();
  for (const server of [http, tcp]) await new Promise((resolve) => server.close(resolve));
});

const portOf = (server: TcpServer | Server): number => (server.address() as AddressInfo).port;
const { signal } = new AbortController();
const options = (allowed: string) => ({ baseDir: '.', readOnly: true, timeoutMs: 5_000, network: networkPolicy(allowed) });
const scim = (host: string) => ({ connector: 'scim', config: { url: `http://${host}:${portOf(http)}/scim`, auth: { none: true } } });
const find = async (host: string, allowed: string) => {
  const target = await openTarget(scim(host), options(allowed));
  try {
    return await target.find({ objectType: 'User', attribute: 'userName', value: 'a' }, [], signal);
  } finally {
    await target.close();
  }
};

test('a target is not connected to at an address or under a name that is refused', async () => {
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost'])
    await expect(find(host, '')).rejects.toMatchObject({ kind: 'misconfigured', facts: { code: 'address-refused' } });
  expect(connections).toBe(0);
});

test('a redirect to a metadata service is not followed, wherever targets may be', async () => {
  await expect(find('127.0.0.1', 'local')).rejects.toMatchObject({ kind: 'protocol', facts: { code: 'redirect-elsewhere' } });
  expect(connections).toBe(1);
});

test('a directory is not connected to either', async () => {
  for (const url of [`ldap://localhost:${portOf(tcp)}`, `ldaps://localhost:${portOf(tcp)}`, `ldap://127.0.0.1:${portOf(tcp)}`]) {
    const describe = async () => {
      const source = await openSource({ connector: 'ldap', config: { url, baseDn: 'dc=example' } }, options(''));
      return source.describe(signal).finally(() => source.close());
    };
    await expect(describe()).rejects.toMatchObject({ kind: 'misconfigured', facts: { code: 'address-refused' } });
  }
  expect(connections).toBe(0);
});

test('a name that leads elsewhere the second time gains nothing: each connection goes to what was looked at for it', async () => {
  const answers = ['127.0.0.1', '10.0.0.1', '169.254.169.254'];
  let asked = 0;
  const resolve: Resolve = (_host, _options, callback) => callback(null, [{ address: answers[asked++]!, family: 4 }]);
  const pool = new Pool(`http://rebinding.example:${portOf(http)}`, {
    connections: 1,
    pipelining: 1,
    connect: { lookup: guardedLookup(networkPolicy('127.0.0.1'), resolve) as never },
  });
  const get = () =>
    pool.request({ path: '/', method: 'GET', reset: true }).then(async ({ statusCode, body }) => (await body.dump(), statusCode));
  expect(await get()).toBe(302);
  for (let time = 0; time < 2; time++) {
    const failure: unknown = await get().catch((error: unknown) => error);
    expect(refusalIn(failure)?.facts.code).toBe('address-refused');
  }
  expect([asked, connections]).toEqual([3, 1]);
  await pool.destroy();
});
