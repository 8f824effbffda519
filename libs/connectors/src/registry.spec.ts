import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

import { connectorConfigs } from './config.js';
import { openSource, openTarget } from './registry.js';

const here = dirname(fileURLToPath(import.meta.url));
const options = { baseDir: here, readOnly: true, timeoutMs: 100 };

test('every connector folder is registered, and nothing else', () => {
  const folders = readdirSync(here).filter((name) => existsSync(join(here, name, 'config.ts')));
  const registered = new Set([...Object.keys(connectorConfigs.source), ...Object.keys(connectorConfigs.target)]);
  expect([...registered].sort()).toEqual(folders.sort());
});

test('every connector documents each of its settings', () => {
  for (const schema of [...Object.values(connectorConfigs.source), ...Object.values(connectorConfigs.target)]) {
    for (const [name, setting] of Object.entries(schema.shape as Record<string, { description?: string }>)) {
      expect(`${name}: ${setting.description ?? ''}`).toMatch(/: \S.{9,}/);
    }
  }
});

test.each([
  ['an unknown connector', () => openSource({ connector: 'cvs', config: {} }, options), 'there is no connector "cvs"'],
  ['settings that do not fit', () => openTarget({ connector: 'scim', config: { url: 5 } }, options), 'url'],
  [
    'an address of another kind',
    () => openTarget({ connector: 'scim', config: { url: 'ftp://wiki.example.com', auth: { none: true } } }, options),
    'an address that begins with https:// or http://',
  ],
])('%s is refused as misconfigured', async (_, open, words) => {
  const error: unknown = await open().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'misconfigured', message: expect.stringContaining(words) });
});
