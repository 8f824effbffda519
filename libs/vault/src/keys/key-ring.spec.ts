import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type TempFolder, tempFolder } from '@provident/testing';

import { BrokenSeal } from '../seal.js';
import { type FakeKms, startFakeKms } from '../testing/index.js';
import { VaultUnusable } from '../vault-error.js';
import { KeyRing } from './key-ring.js';

const key = () => randomBytes(32);
let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder('keys');
});
afterEach(() => folder.remove());
const bound = { bytes: Buffer.from('data key'), context: 'a' };

describe('a key', () => {
  test.each<[string, (bytes: Buffer) => string]>([
    ['base64', (bytes) => bytes.toString('base64')],
    ['base64url', (bytes) => bytes.toString('base64url')],
    ['hexadecimal digits', (bytes) => bytes.toString('hex').toUpperCase()],
  ])('may be written as %s, and is the same key', async (_, write) => {
    const bytes = key();
    const ring = await KeyRing.open({ text: write(bytes) });
    const other = await KeyRing.open({ text: bytes.toString('base64') });
    expect(ring.ids).toEqual(other.ids);
    expect(await other.newest.unwrap(await wrappedBy(ring))).toEqual([bound.bytes]);
  });

  const wrappedBy = async (ring: KeyRing) => (await ring.newest.wrap([bound])).map((bytes) => ({ bytes, context: 'a' }));

  test.each(['too short', 'hunter2', key().subarray(1).toString('base64'), `${key().toString('base64')}x`, '="'])(
    'that is none is refused in a sentence that does not repeat it: %s',
    async (text) => {
      const refusal = await KeyRing.open({ text }).catch((error: unknown) => error as Error);
      expect(refusal).toBeInstanceOf(VaultUnusable);
      expect((refusal as Error).message).toMatch(/PROVIDENT_MASTER_KEY.*openssl rand/);
      expect((refusal as Error).message).not.toContain(text);
    },
  );

  test('opens what it wrapped and nothing else', async () => {
    const ring = await KeyRing.open({ text: key().toString('hex') });
    const other = await KeyRing.open({ text: key().toString('hex') });
    const [item] = await wrappedBy(ring);
    await expect(other.newest.unwrap([item!])).rejects.toThrow(BrokenSeal);
    await expect(ring.newest.unwrap([{ ...item!, context: 'b' }])).rejects.toThrow(BrokenSeal);
  });
});

describe('the key file', () => {
  const file = () => join(folder.path, 'master.key');

  test('is made once, for its owner alone, whoever else tries', async () => {
    const rings = await Promise.all([1, 2, 3, 4].map(() => KeyRing.open({ file: file(), isFileOurs: true })));
    expect(new Set(rings.flatMap(({ ids }) => ids)).size).toBe(1);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  test('is not made when it is not ours, and says which it is', async () => {
    await expect(KeyRing.open({ file: file() })).rejects.toThrow(`the master key file ${file()} cannot be read (ENOENT)`);
    await writeFile(file(), '# nothing\n\n');
    await expect(KeyRing.open({ file: file(), isFileOurs: true })).rejects.toThrow(/is empty/);
    await writeFile(file(), 'no key\n');
    await expect(KeyRing.open({ file: file() })).rejects.toThrow(/holds no master key/);
  });

  test('gets one new key by a rotation, however often it is broken off, and ends with that key alone', async () => {
    const ring = await KeyRing.open({ file: file(), isFileOurs: true });
    const [old] = ring.ids;
    await ring.makeKey(old!);
    await ring.makeKey(old!);
    expect(ring.ids).toHaveLength(2);
    expect(ring.ids[1]).toBe(old);
    await ring.keepOnly(ring.newest.id);
    expect(ring.ids).toHaveLength(1);
    expect(ring.ids).not.toContain(old);
    await ring.keepOnly('some other key');
    expect(ring.ids).toHaveLength(1);
    expect((await readFile(file(), 'utf8')).split('\n').filter((line) => /^[^#]/.test(line))).toHaveLength(1);
  });

  test('is read anew for a key that is new to us, and what is not in it is said with the remedy', async () => {
    const ring = await KeyRing.open({ file: file(), isFileOurs: true });
    const other = await KeyRing.open({ file: file() });
    await ring.makeKey(ring.newest.id);
    expect((await other.get(ring.newest.id)).id).toBe(ring.newest.id);
    await expect(other.get('0123')).rejects.toThrow(/sealed under master key 0123.*put back the key/);
    await rm(file());
    await expect(other.get('0123')).rejects.toThrow(/cannot be read \(ENOENT\): put it back/);
  });
});

test('without any key nothing is sealed, and the remedy is said', async () => {
  const ring = await KeyRing.open({});
  expect(ring.isEmpty).toBe(true);
  expect(() => ring.newest).toThrow(/there is no master key: set PROVIDENT_MASTER_KEY_FILE/);
  await expect(ring.get('0123')).rejects.toThrow(/sealed under master key 0123, and no master key is given/);
});

describe('a key management service', () => {
  let kms: FakeKms;
  beforeEach(async () => {
    kms = await startFakeKms();
  });
  afterEach(() => kms.close());
  const open = (url = kms.url, tokenFile?: string) => KeyRing.open({ kms: { url, key: 'people', tokenFile } });

  test('wraps and unwraps, many keys in few requests, and keeps its key to itself', async () => {
    const tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, 't0ken\n');
    const { newest } = await open(kms.url, tokenFile);
    expect(newest.id).toBe('kms:people');
    const items = Array.from({ length: 1_200 }, (_, at) => ({ bytes: Buffer.from(`key ${at}`), context: String(at) }));
    const wrapped = await newest.wrap(items);
    expect(kms.requests).toMatchObject([{ items: 500 }, { items: 500 }, { items: 200 }]);
    expect(kms.requests[0]).toMatchObject({ operation: 'wrap', key: 'people', authorization: 'Bearer t0ken' });
    expect(await newest.unwrap(wrapped.map((bytes, at) => ({ bytes, context: String(at) })))).toEqual(items.map(({ bytes }) => bytes));
  });

  test.each<[string, FakeKms['answers'], RegExp]>([
    ['refuses', 403, /answers 403 to "wrap"/],
    ['answers nonsense', '<html>', /something else than 1 keys/],
    ['answers with fewer keys', '{"items":[]}', /something else than 1 keys/],
    ['answers with no keys', '{"items":[{"data":7}]}', /something else than 1 keys/],
  ])('that %s is named in a sentence that repeats nothing of it', async (_, answers, words) => {
    kms.answers = answers;
    const { newest } = await open();
    const refusal = await newest.wrap([{ bytes: Buffer.from('data key'), context: 'a' }]).catch((error: unknown) => error as Error);
    expect(refusal).toBeInstanceOf(VaultUnusable);
    expect((refusal as Error).message).toMatch(words);
    expect((refusal as Error).message).not.toContain(Buffer.from('data key').toString('base64'));
  });

  test('that is away is named with the remedy', async () => {
    const { newest } = await open();
    await kms.close();
    await expect(newest.unwrap([bound])).rejects.toThrow(/does not answer: see to it, or correct PROVIDENT_KMS_URL/);
  });
});
