import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { paceLimit } from './limit.js';
import { Slots } from './slots.js';

const perMs = 60_000;

/** Requests made as soon as they may be, each so long on its way there and back; the target counts it somewhere in between. */
function countedAt(slots: Slots, latencies: readonly (readonly [there: number, back: number])[]): number[] {
  const counted: number[] = [];
  const underWay: number[] = [];
  let now = 0;
  for (const [there, back] of latencies) {
    for (;;) {
      for (const end of underWay.splice(0).sort((a, b) => a - b)) {
        if (end <= now) slots.finish(end);
        else underWay.push(end);
      }
      const at = slots.nextAt(now);
      if (at <= now) break;
      now = Math.min(at, ...underWay);
    }
    slots.take(now);
    counted.push(now + there);
    underWay.push(now + there + back);
  }
  return counted.sort((a, b) => a - b);
}

test('no time of that length ever sees more requests than there are slots, however long each is on its way', () => {
  const latency = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 20_000 }));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.array(latency, { maxLength: 120 }),
      (count, burst, latencies) => {
        const slots = new Slots(paceLimit(count, perMs, 'all', burst));
        slots.receive([[0, count]]);
        const counted = countedAt(slots, latencies);
        for (const [index, at] of counted.entries()) {
          const later = counted[index + count];
          if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(perMs);
        }
      },
    ),
  );
});

test('a request is on its way when its slot is free again, but not so early that a quicker one would be too many', () => {
  const slots = new Slots(paceLimit(2, perMs, 'all', 2));
  slots.receive([[0, 2]]);
  slots.take(0);
  slots.take(0);
  slots.finish(100, 100);
  slots.finish(150, 150);
  expect(slots.nextAt(perMs)).toBe(perMs + 100 - 89);
  slots.take(perMs + 11);
  slots.finish(perMs + 11.5, 0.5); // quicker than any before: nothing can be relied on
  expect(slots.nextAt(perMs + 12)).toBe(perMs + 150);
});

test('what is always wanted is used but for the time on the way', () => {
  const slots = new Slots(paceLimit(100, perMs));
  slots.receive([[0, 100]]);
  const counted = countedAt(
    slots,
    Array.from({ length: 1_000 }, () => [20, 20] as const),
  );
  expect(counted.at(-1)).toBeLessThan(10 * perMs * 1.01);
});

test('after a rest so many go at once as the burst allows, and the others evenly', () => {
  const slots = new Slots(paceLimit(60, perMs, 'all', 6));
  slots.receive([[0, 60]]);
  const counted = countedAt(
    slots,
    Array.from({ length: 60 }, () => [0, 0] as const),
  );
  expect(counted.filter((at) => at === 0)).toHaveLength(6);
  expect(counted[6]).toBe(1_000);
  expect(counted[7]).toBe(2_000);
});

test('a slot that was given back can be taken at once; one that was given away never', () => {
  const slots = new Slots(paceLimit(2, perMs, 'all', 2));
  slots.receive([[0, 2]]);
  slots.take(0);
  slots.giveBack(0);
  expect(slots.nextAt(0)).toBe(0);
  expect(slots.release(5)).toEqual([[300, 2]]); // another party's clock may be a little ahead
  expect([slots.held, slots.nextAt(0)]).toEqual([0, Number.POSITIVE_INFINITY]);
});
