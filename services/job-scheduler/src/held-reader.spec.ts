import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryLog, aJob, newEvent, objectFacts, tell } from '@provident/bus/testing';
import { RemovalWithdrawn } from '@provident/contracts';
import { type HeldRemovals, asCycleId } from '@provident/domain';
import { eventually } from '@provident/testing';

import { HeldReader, heldSince } from './held-reader.js';

let log: MemoryLog;
let reader: HeldReader;
let changes: number;
beforeEach(() => {
  log = new MemoryLog();
  changes = 0;
});
afterEach(() => reader?.end());

const held = (cycle: string, proposed: number, more: Partial<HeldRemovals> = {}): HeldRemovals => ({
  cycleId: asCycleId(cycle),
  proposed,
  linked: 10,
  threshold: 'too many',
  until: 'person',
  ...more,
});
const off = (anchor: string, of: string, more: object = {}) =>
  newEvent(
    RemovalWithdrawn,
    {
      ...objectFacts(anchor, { cycleId: 'later' }),
      sourceId: anchor,
      heldCycleId: asCycleId(of),
      reason: { code: 'removal-withdrawn', text: 'off' },
      ...more,
    },
    { stage: 'exporter', id: `off.${anchor}` },
  );
const left = (...all: readonly HeldRemovals[]): number[] => reader.stillHeld(all).map(({ proposed }) => proposed);

test('what is off waits no more, of its own cycle and behind the event that held it', async () => {
  await tell(log, off('1', 'c-1'), off('2', 'c-1'), off('3', 'c-2'));
  reader = HeldReader.start(log, aJob, 0, () => void changes++);
  await eventually(() => left(held('c-1', 5)).join() === '3');
  expect(left(held('c-1', 5, { since: 1 }), held('c-2', 1), held('c-3', 4))).toEqual([4, 4]);
  expect(changes).toBeGreaterThan(0);
});

test('what no cycle counted does not count, nor what a person let go of, nor what waits for an import', async () => {
  reader = HeldReader.start(log, aJob, 0, () => void changes++);
  const released = { reason: { code: 'removal-released', text: 'by kim' }, part: 'members' };
  await tell(log, off('1', 'c-1', { uncounted: true }), off('2', 'c-1', released), off('3', 'c-1'));
  await eventually(() => changes === 1);
  expect(left(held('c-1', 5), held('c-1', 5, { until: 'import' }))).toEqual([4, 5]);
});

test('is read from the first that waits for a person; what earlier versions held, from the beginning', () => {
  expect(heldSince([held('c-1', 1, { since: 7 }), held('c-2', 1, { since: 5 }), held('c-3', 1, { since: 2, until: 'import' })])).toBe(5);
  expect(heldSince([held('c-1', 1, { since: 7 }), held('c-2', 1)])).toBe(0);
  expect(heldSince([held('c-1', 1, { until: 'import' })])).toBeNull();
});
