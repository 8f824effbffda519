import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { CliError } from './cli-error.js';
import { saveWhole } from './save-whole.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'provident-save-'));
  file = join(folder, 'backup.gz');
});
afterEach(() => rmSync(folder, { recursive: true }));

const whole = gzipSync(
  ['{"format":"provident-log"}', ...Array.from({ length: 5_000 }, (_, i) => `[${i}]`), '{"sha256":"x","events":5000}'].join('\n'),
);

/** As it comes from the network: in pieces, and perhaps not to its end. */
const body = (bytes: Buffer, breaksOff = false): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 1_000) controller.enqueue(bytes.subarray(at, at + 1_000));
      if (breaksOff) controller.error(new Error('socket hang up'));
      else controller.close();
    },
  });

test('a whole backup is saved, for its owner alone', async () => {
  expect(await saveWhole(body(whole), file)).toBe(5_000);
  expect(readFileSync(file)).toEqual(whole);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['backup.gz']);
});

test.each<[string, () => ReadableStream<Uint8Array>]>([
  ['breaks off', () => body(whole.subarray(0, 5_000), true)],
  ['ends early', () => body(whole.subarray(0, 5_000))],
  ['ends without its tail', () => body(gzipSync('{"format":"provident-log"}\n[1]'))],
  ['is nothing of the kind', () => body(Buffer.from('<html>502 Bad Gateway</html>'))],
  ['is empty', () => body(Buffer.alloc(0))],
])('one that %s leaves no file behind, and the older one as it is', async (_, answer) => {
  await expect(saveWhole(answer(), file)).rejects.toThrow(CliError);
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, 'the older one');
  await expect(saveWhole(answer(), file)).rejects.toThrow(CliError);
  expect(readFileSync(file, 'utf8')).toBe('the older one');
  expect(readdirSync(folder)).toEqual(['backup.gz']);
});

test('one that cannot be made says why', async () => {
  const failed = gzipSync(['{"format":"provident-log"}', '[1]', '{"failed":"event 2 of the log cannot be archived"}'].join('\n'));
  await expect(saveWhole(body(failed), file)).rejects.toThrow('there is no backup: event 2 of the log cannot be archived');
  expect(readdirSync(folder)).toEqual([]);
});
