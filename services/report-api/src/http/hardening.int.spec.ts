import { rename, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessDenied, ErrorView, is, TokenMadeView } from '@provident/contracts';
import { Monitor } from '@provident/service-kit';
import { eventually, type TempFolder, tempFolder } from '@provident/testing';

import { certificateOfLocalhost } from '../testing/certificate.js';
import { openHooks } from '../testing/test-access.js';
import { NoPeople, startTestApi, type TestApi } from '../testing/test-api.js';
import { listen } from '../listen.js';
import { readTls } from './tls-files.js';

const consoleOrigin = 'https://console.example.com';
const token = (name: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name, grants: [{ role: 'reports-reader' }] }),
});

describe('what a browser is told', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi([], { corsOrigins: [consoleOrigin] });
  }, 120_000);
  afterAll(() => api?.close());
  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, api.url), init);

  test('answers are data: never run, framed, guessed at or kept', async () => {
    for (const path of ['/provident/v1/jobs', '/nothing', '/v1.0/servicePrincipals', '/health/live']) {
      const { headers } = await ask(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
    }
  });

  test('pages of a named origin may ask, with a token that they hold; those of all others get no word', async () => {
    const preflight = (origin: string) =>
      ask('/provident/v1/jobs', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const asked = await preflight(consoleOrigin);
    expect([asked.status, asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-credentials')]).toEqual(
      [204, consoleOrigin, null],
    );
    const allowed = asked.headers.get('access-control-allow-headers')!.split(', ');
    // Those of Microsoft's client among them: a page that uses it is let through.
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'if-match', 'client-request-id', 'sdkversion', 'retry-attempt']));
    for (const origin of ['https://console.example.com.evil.org', 'http://console.example.com', 'null']) {
      const refused = await preflight(origin);
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null]);
      expect((await ask('/provident/v1/jobs', { headers: { origin } })).headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await ask('/provident/v1/jobs', { headers: { origin: consoleOrigin } })).headers.get('access-control-allow-origin')).toBe(
      consoleOrigin,
    );
  });

  test('no stack and no file name leaves it', async () => {
    const broken = await ask('/provident/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"definition":',
    });
    const text = await broken.text();
    expect(broken.status).toBe(400);
    expect(text).not.toMatch(/\.(js|ts):\d|node_modules|at async/);
    expect(ErrorView.parse(JSON.parse(text)).error.code).toBe('bad-request');
  });
});

describe('whoever asks too often', () => {
  let api: TestApi;
  let clock = Date.parse('2026-03-01T00:00:00.000Z');
  beforeAll(async () => {
    api = await startTestApi([], { requestsAMinute: 20, failuresAMinute: 5, now: () => new Date(clock), denialsWindowMs: 3_600_000 });
  }, 120_000);
  afterAll(() => api?.close());
  const statuses = async (count: number, ask: () => Promise<Response>): Promise<Response[]> => {
    const answers: Response[] = [];
    for (let i = 0; i < count; i++) answers.push(await ask());
    return answers;
  };

  test('is told when to come again, and disturbs nobody else', async () => {
    const secrets = await Promise.all(
      ['one', 'two'].map(
        async (name) => TokenMadeView.parse(await (await fetch(new URL('/provident/v1/tokens', api.url), token(name))).json()).secret,
      ),
    );
    const as = (secret: string) => () => fetch(new URL('/provident/v1/me', api.url), { headers: { authorization: `Bearer ${secret}` } });
    const answers = await statuses(25, as(secrets[0]!));
    expect(answers.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 20 }, () => 200),
      ...Array.from({ length: 5 }, () => 429),
    ]);
    expect(answers.at(-1)!.headers.get('retry-after')).toBe('3');
    expect(ErrorView.parse(await answers.at(-1)!.json()).error.code).toBe('too-many-requests');
    expect((await as(secrets[1]!)()).status).toBe(200);
    clock += 3_000;
    expect((await statuses(2, as(secrets[0]!))).map(({ status }) => status)).toEqual([200, 429]);
  });

  test('with credentials that do not hold is soon not even told so; whose do hold still come in', async () => {
    const { secret } = TokenMadeView.parse(await (await fetch(new URL('/provident/v1/tokens', api.url), token('three'))).json());
    const wrong = () =>
      fetch(new URL('/provident/v1/me', api.url), { headers: { authorization: `Bearer pvt_${'x'.repeat(12)}_${'y'.repeat(43)}` } });
    expect((await statuses(8, wrong)).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await fetch(new URL('/provident/v1/me', api.url), { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
  });

  test('leaves a few events, and not one for each attempt', () => {
    const kinds = api.log.events.filter((event) => is(event, AccessDenied)).map(({ data }) => data.kind);
    expect(kinds.toSorted()).toEqual(['not-signed-in', 'too-many-requests']);
  });
});

describe('TLS', () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await tempFolder('tls');
  });
  afterAll(() => folder?.remove());
  const write = async ({ cert, key }: { cert: string; key: string }): Promise<{ cert: string; key: string }> => {
    const files = { cert: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
    for (const [file, text] of [
      [files.key, key],
      [files.cert, cert],
    ] as const) {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    }
    return files;
  };
  const seen = (port: string, ca: readonly string[]): Promise<{ status: number; hsts: string | undefined; certificate: PeerCertificate }> =>
    new Promise((resolve, reject) => {
      request({ host: 'localhost', port, path: '/health/live', ca: [...ca], agent: false }, (response) => {
        const certificate = (response.socket as TLSSocket).getPeerCertificate();
        response.resume();
        resolve({ status: response.statusCode!, hsts: response.headers['strict-transport-security'], certificate });
      })
        .once('error', reject)
        .end();
    });

  test('is spoken with the files that are named; new ones are taken while it runs, broken ones are not', async () => {
    const [first, second] = [await certificateOfLocalhost(), await certificateOfLocalhost()];
    const tlsFiles = await write(first);
    const said: string[] = [];
    const quiet = { log: (text: string) => said.push(text), error: () => undefined, warn: (text: string) => said.push(text) };
    const http = { host: '127.0.0.1', port: 0, corsOrigins: [], trustedProxies: [], monitor: new Monitor('report-api') };
    const module = { module: class TestModule {}, controllers: [] };
    const server = await listen(
      module,
      { ...http, tls: await readTls(tlsFiles), tlsFiles, access: openHooks(), people: new NoPeople() },
      quiet,
    );
    try {
      const { port } = new URL(await server.getUrl());
      const before = await seen(port, [first.cert]);
      expect([before.status, before.hsts]).toEqual([404, 'max-age=31536000']);
      await expect(seen(port, [second.cert])).rejects.toThrow(/self-signed|certificate/);
      await write(second);
      await eventually(() => said.some((text) => text.includes('new certificate is in use')));
      const after = await eventually(() => seen(port, [second.cert]).catch(() => null));
      expect(after.certificate.fingerprint256).not.toBe(before.certificate.fingerprint256);
      await writeFile(tlsFiles.cert, 'no certificate');
      await eventually(() => said.some((text) => text.includes('left as it is')));
      expect((await seen(port, [second.cert])).certificate.fingerprint256).toBe(after.certificate.fingerprint256);
    } finally {
      await server.close();
    }
  });

  test('files that are none keep it from starting, in one sentence', async () => {
    await expect(readTls({ cert: join(folder.path, 'none'), key: join(folder.path, 'none') })).rejects.toThrow(
      /^PROVIDENT_TLS_CERT cannot be read/,
    );
    const { cert } = await certificateOfLocalhost();
    const { key } = await certificateOfLocalhost();
    await expect(readTls(await write({ cert, key }))).rejects.toThrow(/are no certificate and its key/);
  });
});
