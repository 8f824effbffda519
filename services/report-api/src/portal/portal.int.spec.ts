import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type TempFolder, tempFolder } from '@provident/testing';
import { Monitor } from '@provident/service-kit';

import { OpenIdEndpoints } from '../access/openid.js';
import { PortalController } from '../controllers/portal.controller.js';
import { ErrorFilter } from '../http/error.filter.js';
import { listen } from '../listen.js';
import { openHooks } from '../testing/test-access.js';
import { NoPeople } from '../testing/test-api.js';
import { PORTAL } from '../tokens.js';
import { noncePlaceholder, PortalFiles } from './portal-files.js';
import { pageHeaders } from './portal-headers.js';

@Module({})
class TestModule {}

const quiet = { log: () => undefined, error: () => undefined, warn: () => undefined };
const script = 'export const answer = 42;\n'.repeat(40);

let folder: TempFolder;
let built: NestFastifyApplication;
let unbuilt: NestFastifyApplication;

const start = (files: PortalFiles | null): Promise<NestFastifyApplication> =>
  listen(
    {
      module: TestModule,
      controllers: [PortalController],
      providers: [
        { provide: PORTAL, useValue: files },
        { provide: OpenIdEndpoints, useValue: new OpenIdEndpoints(null) },
        { provide: APP_FILTER, useValue: new ErrorFilter(quiet) },
      ],
    },
    {
      host: '127.0.0.1',
      port: 0,
      tls: null,
      corsOrigins: [],
      trustedProxies: [],
      monitor: new Monitor('report-api'),
      access: openHooks(),
      people: new NoPeople(),
    },
    quiet,
  );

beforeAll(async () => {
  folder = await tempFolder('portal');
  await mkdir(join(folder.path, 'assets'));
  await writeFile(
    join(folder.path, 'index.html'),
    `<meta nonce="${noncePlaceholder}"><script src="/portal/assets/a-1.js" nonce="${noncePlaceholder}">`,
  );
  await writeFile(join(folder.path, 'assets', 'a-1.js'), script);
  await writeFile(join(folder.path, 'secret.txt'), 'no page of the portal');
  built = await start(await PortalFiles.load(folder.path));
  unbuilt = await start(await PortalFiles.load(join(folder.path, 'not-there')));
});
afterAll(async () => {
  await built?.close();
  await unbuilt?.close();
  await folder?.remove();
});

const ask = (url: string, headers: Record<string, string> = {}) =>
  built.inject({ method: 'GET', url, headers: { host: 'localhost', ...headers } });

describe('the page', () => {
  test('may ask its own server, and where people sign in elsewhere the address that exchanges their code, and nobody else', () => {
    const asked = (tokenOrigin: string | null) =>
      /connect-src ([^;]*);/.exec(pageHeaders('n', tokenOrigin)['content-security-policy']!)?.[1];
    expect([asked(null), asked('https://login.example.com')]).toEqual(["'self'", "'self' https://login.example.com"]);
  });

  test('has a nonce of its own in every answer, and so has its policy', async () => {
    const [one, other] = [await ask('/portal'), await ask('/portal/')];
    const nonces = [one, other].map(({ body }) => /<meta nonce="([\w-]{20,})">/.exec(body)?.[1]);
    expect(new Set(nonces).size).toBe(2);
    expect(one.headers['content-security-policy']).toContain(`'nonce-${nonces[0]}'`);
    expect(one.headers['content-security-policy']).toContain("script-src 'self';");
    expect(one.headers['cache-control']).toBe('no-store');
    expect(one.body).not.toContain(noncePlaceholder);
  });

  test.each(['/portal/jobs/sample', '/portal/people?id=a.b', '/portal/index.html'])('answers %s', async (path) => {
    const answer = await ask(path);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.body).not.toContain(noncePlaceholder);
  });

  test('is where the bare address leads', async () => {
    const answer = await ask('/');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/portal/']);
  });
});

describe('a file', () => {
  test('is kept by browsers for good, and zipped for those that take it', async () => {
    const plain = await ask('/portal/assets/a-1.js');
    expect([plain.statusCode, plain.body, plain.headers['content-type']]).toEqual([200, script, 'text/javascript; charset=utf-8']);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const zipped = await ask('/portal/assets/a-1.js', { 'accept-encoding': 'br, gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(script);
    const again = await ask('/portal/assets/a-1.js', { 'if-none-match': String(plain.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test.each(['/portal/assets/a-2.js', '/portal/secret.txt', '/portal/..%2f..%2fetc/passwd.txt', '/portal/assets/..%2fsecret.txt'])(
    'that is not the portal´s is not there: %s',
    async (path) => expect((await ask(path)).statusCode).toBe(404),
  );
});

test('a portal that was not built says how to build it', async () => {
  const answer = await unbuilt.inject({ method: 'GET', url: '/portal/', headers: { host: 'localhost' } });
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { error: { code: 'unavailable', message: 'the portal is not built: run "npm run build" and start again' } },
  ]);
});
