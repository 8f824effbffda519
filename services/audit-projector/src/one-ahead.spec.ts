import { expect, test } from '@jest/globals';

import { oneAhead } from './one-ahead.js';

async function* counting(log: string[], failAt = Infinity): AsyncGenerator<number> {
  try {
    for (let value = 1; ; value++) {
      if (value === failAt) throw new Error(`no ${value}`);
      log.push(`made ${value}`);
      yield value;
    }
  } finally {
    log.push('closed');
  }
}

test('behind a full value the next is made while it is worked on, and no further', async () => {
  const log: string[] = [];
  for await (const value of oneAhead(counting(log), () => true)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`worked on ${value}`);
    if (value === 2) break;
  }
  expect(log).toEqual(['made 1', 'made 2', 'worked on 1', 'made 3', 'worked on 2', 'closed']);
});

test('a failure comes after the values before it', async () => {
  const seen: number[] = [];
  const all = async (): Promise<void> => {
    for await (const value of oneAhead(counting([], 3), () => true)) seen.push(value);
  };
  await expect(all()).rejects.toThrow('no 3');
  expect(seen).toEqual([1, 2]);
});

test('behind any other value the next is made only then', async () => {
  const log: string[] = [];
  for await (const value of oneAhead(counting(log), () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`worked on ${value}`);
    if (value === 2) break;
  }
  expect(log).toEqual(['made 1', 'worked on 1', 'made 2', 'worked on 2', 'closed']);
});
