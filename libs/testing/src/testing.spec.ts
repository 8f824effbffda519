import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { eventually, eventuallyHolds, fixedClock, sequentialIds, sequentialUuids, withTempFolder } from './index.js';

test('a fixed clock moves only when told to', () => {
  const clock = fixedClock('2026-03-01T00:00:00.000Z');
  expect(clock.now()).toEqual(clock.now());
  clock.advance(1_500);
  expect(clock.now().toISOString()).toBe('2026-03-01T00:00:01.500Z');
});

test('ids are alike in every run and differ within one', () => {
  const id = sequentialIds('job');
  expect([id(), id()]).toEqual(['job-1', 'job-2']);
  const uuid = sequentialUuids();
  expect(uuid()).toBe('00000000-0000-4000-8000-000000000001');
  expect(uuid()).not.toBe(uuid());
});

test('eventually gives back the first result that holds', async () => {
  let asked = 0;
  expect(await eventually(() => ((asked += 1) < 3 ? undefined : asked), { intervalMs: 1 })).toBe(3);
});

test('eventually fails with the last failure', async () => {
  const never = eventuallyHolds(() => expect(1).toBe(2), { timeoutMs: 10, intervalMs: 1 });
  await expect(never).rejects.toThrow('Expected: 2');
});

test('a temporary folder is gone after its work, a failing one too', async () => {
  const seen: string[] = [];
  const work = withTempFolder(async (path) => {
    seen.push(path);
    expect(existsSync(path)).toBe(true);
    throw new Error('work failed');
  });
  await expect(work).rejects.toThrow('work failed');
  expect(seen.some((path) => existsSync(path))).toBe(false);
});
