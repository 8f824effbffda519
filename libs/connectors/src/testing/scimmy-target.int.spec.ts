import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test } from '@jest/globals';

import { type ScimmyTarget, type ScimmyTargetOptions, startScimmyTarget } from './scimmy-target.js';

const token = 'sample';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(options: Omit<ScimmyTargetOptions, 'token'> = {}): Promise<ScimmyTarget> {
  const target = await startScimmyTarget({ token, ...options });
  closing.push(() => target.close());
  return target;
}

async function send(target: ScimmyTarget, method: string, path: string, body?: object, bearer = token) {
  const init = {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/scim+json' },
    ...(body && { body: JSON.stringify(body) }),
  };
  const answer = await fetch(target.url + path, init);
  const text = await answer.text();
  return { status: answer.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const create = (target: ScimmyTarget, userName: string) =>
  send(target, 'POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });
const page = async (target: ScimmyTarget, startIndex: number, count: number) => {
  const { json } = await send(target, 'GET', `/Users?startIndex=${startIndex}&count=${count}`);
  return {
    names: (json['Resources'] as { userName: string }[]).map(({ userName }) => userName),
    total: json['totalResults'],
    start: json['startIndex'],
  };
};

test('users survive a restart, and a name stays taken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provident-'));
  closing.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'users.json');
  const first = await startScimmyTarget({ token, file });
  await create(first, 'Noor');
  await first.close();
  expect(JSON.parse(await readFile(file, 'utf8'))).toHaveLength(1);
  const second = await start({ file });
  expect(second.users()).toMatchObject([{ userName: 'Noor' }]);
  expect(await create(second, 'noor')).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } });
});

test('one person can be refused with words of its own', async () => {
  const target = await start({ rejectUserName: (name) => (name === 'mallory' ? 'This name is on the list.' : null) });
  expect(await create(target, 'mallory')).toMatchObject({
    status: 400,
    json: { detail: 'This name is on the list.', scimType: 'invalidValue' },
  });
  expect(await create(target, 'noor')).toMatchObject({ status: 201 });
  expect(target.requests).toBe(2);
});

test('a wrong token is refused', async () => {
  expect(await send(await start(), 'GET', '/Users', undefined, 'wrong')).toMatchObject({ status: 401 });
});

test('every page of every size holds what it should', async () => {
  const target = await start();
  const all = Array.from({ length: 12 }, (_, index) => `user${index + 1}`);
  for (const name of all) await create(target, name);
  for (let count = 0; count <= 13; count += 1) {
    for (let startIndex = 1; startIndex <= 14; startIndex += 1) {
      expect(await page(target, startIndex, count)).toEqual({
        names: all.slice(startIndex - 1, startIndex - 1 + count),
        total: 12,
        start: startIndex,
      });
    }
  }
});

test('two targets in one process keep apart', async () => {
  const [one, two] = [await start(), await start()];
  await create(one, 'noor');
  expect([one.users().length, two.users().length]).toEqual([1, 0]);
});
