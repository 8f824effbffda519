import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { lastDays } from './last-days.js';

const begins = (zone: string, now: string, count = 2) =>
  lastDays(count, zone, Date.parse(now)).map(({ day, beginsAtMs }) => [day, new Date(beginsAtMs).toISOString()]);

test.each([
  ['UTC', '2026-03-01T00:00:00Z', ['2026-02-28', '2026-02-28T00:00:00.000Z'], ['2026-03-01', '2026-03-01T00:00:00.000Z']],
  ['Asia/Kolkata', '2026-03-01T18:29:59Z', ['2026-02-28', '2026-02-27T18:30:00.000Z'], ['2026-03-01', '2026-02-28T18:30:00.000Z']],
  ['Pacific/Kiritimati', '2026-03-01T10:00:00Z', ['2026-03-01', '2026-02-28T10:00:00.000Z'], ['2026-03-02', '2026-03-01T10:00:00.000Z']],
  ['Etc/GMT+12', '2026-03-01T11:59:00Z', ['2026-02-27', '2026-02-27T12:00:00.000Z'], ['2026-02-28', '2026-02-28T12:00:00.000Z']],
  // Clocks are put forward at two in the morning: the day has 23 hours.
  ['Europe/Berlin', '2026-03-30T08:00:00Z', ['2026-03-29', '2026-03-28T23:00:00.000Z'], ['2026-03-30', '2026-03-29T22:00:00.000Z']],
  // Clocks are put forward at midnight: the day begins at one.
  ['America/Santiago', '2026-09-06T12:00:00Z', ['2026-09-05', '2026-09-05T04:00:00.000Z'], ['2026-09-06', '2026-09-06T04:00:00.000Z']],
])('in %s at %s yesterday and today begin where its clocks say so', (zone, now, ...days) => {
  expect(begins(zone, now)).toEqual(days);
});

test('every instant is in the last of the days, which follow one another', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      fc.integer({ min: 0, max: 2_000_000_000 }),
      (zone, seconds) => {
        const days = lastDays(4, zone, seconds * 1_000);
        expect(days.at(-1)!.beginsAtMs).toBeLessThanOrEqual(seconds * 1_000);
        expect(days.toSorted((a, b) => a.beginsAtMs - b.beginsAtMs)).toEqual(days);
        expect(new Set(days.map(({ day }) => day)).size).toBe(4);
      },
    ),
    { numRuns: 50 },
  );
});
