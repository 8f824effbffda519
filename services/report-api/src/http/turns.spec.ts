import { expect, test } from '@jest/globals';

import { TooManyRequests, Turns } from './turns.js';

test('so many at once, so many wait in their order, and the rest are refused', async () => {
  const turns = new Turns(2, 1);
  const [first] = [await turns.enter(), await turns.enter()];
  const order: string[] = [];
  const third = turns.take(async () => order.push('third'));
  await expect(turns.take(async () => order.push('fourth'))).rejects.toThrow(TooManyRequests);
  expect(order).toEqual([]);
  first();
  first();
  await third;
  await turns.take(async () => order.push('fifth'));
  expect(order).toEqual(['third', 'fifth']);
});

test('a failure gives the turn back', async () => {
  const turns = new Turns(1, 0);
  await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(turns.take(async () => 'yes')).resolves.toBe('yes');
});
