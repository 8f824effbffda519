import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { isCycleDue, nextCycleAt } from '../job-life/next-cycle.js';
import type { JobDefinition } from '../job/job-definition.js';
import { validateJob } from '../job/validate-job.js';
import { isoOf, msOf } from '../object/instant.js';
import { fact, job, lifeAfter } from '../testing/index.js';
import { cronIssue, nextCron } from './cron.js';
import { type ScheduleWindow, isOpen, nextOpening, parseDays } from './windows.js';

const ms = msOf;
const iso = (at: number | null): string | null => (at === null ? null : isoOf(at).replace('.000Z', 'Z'));
const nights: ScheduleWindow = { days: 'mon-fri', from: '22:00', to: '05:00', zone: 'Europe/Berlin' };

test.each([
  ['mon-fri', [1, 2, 3, 4, 5]],
  ['sat,sun', [0, 6]],
  ['Fri-Mon', [0, 1, 5, 6]],
  ['mon-sun', [0, 1, 2, 3, 4, 5, 6]],
  ['tue', [2]],
  ['', null],
  ['monday', null],
  ['mon-', null],
  ['mon-wed-fri', null],
])('the days %p', (text, days) => expect(parseDays(text)).toEqual(days));

describe('a window over midnight', () => {
  test.each([
    ['2026-03-02T20:59:00Z', false],
    ['2026-03-02T21:00:00Z', true],
    ['2026-03-03T03:59:00Z', true],
    ['2026-03-03T04:00:00Z', false],
    ['2026-03-07T03:59:00Z', true], // it began on Friday
    ['2026-03-07T21:30:00Z', false], // Saturday
    ['2026-03-09T03:59:00Z', false], // Monday morning: it did not begin on Sunday
    ['2026-07-01T20:00:00Z', true], // summer time
  ])('is open at %s: %s', (at, open) => expect(isOpen(nights, ms(at))).toBe(open));

  test.each([
    ['2026-03-02T12:00:00Z', '2026-03-02T21:00:00Z'],
    ['2026-03-02T23:30:00Z', '2026-03-02T23:30:00Z'],
    ['2026-03-07T12:00:00Z', '2026-03-09T21:00:00Z'],
    ['2026-03-28T12:00:00Z', '2026-03-30T20:00:00Z'], // the clocks change in between
  ])('from %s on opens at %s', (from, at) => expect(iso(nextOpening([nights], ms(from)))).toBe(at));

  test('is open at its next opening, which is never before the question', () => {
    const days = fc.constantFrom('mon-fri', 'sat', 'sun,wed', 'mon-sun');
    const time = fc
      .tuple(fc.integer({ min: 4, max: 23 }), fc.constantFrom('00', '30'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    const window = fc.record({
      days,
      from: time,
      to: time,
      zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
    });
    fc.assert(
      fc.property(window, fc.integer({ min: ms('2026-01-01T00:00:00Z'), max: ms('2026-12-31T00:00:00Z') }), (each, from) => {
        const at = nextOpening([each], from);
        expect(at).toBeGreaterThanOrEqual(from);
        expect(isOpen(each, at)).toBe(true);
      }),
    );
  });
});

test.each([
  ['0 22 * * mon-fri', null],
  ['*/5 * * * *', null],
  ['* * * *', 'a cron expression has 5 fields (minute, hour, day, month, weekday), found 4'],
  ['* * * * * *', 'a cron expression has 5 fields (minute, hour, day, month, weekday), found 6'],
  ['61 * * * *', expect.stringContaining('61')],
  ['0 0 30 2 *', expect.any(String)],
  ['@daily', expect.stringContaining('5 fields')],
])('the cron expression %p is refused with %p', (text, issue) => expect(cronIssue(text)).toEqual(issue));

test('a cron expression follows the clocks of its zone', () => {
  expect(iso(nextCron('0 3 * * *', 'Europe/Berlin', ms('2026-03-28T12:00:00Z')))).toBe('2026-03-29T01:00:00Z');
  expect(iso(nextCron('0 3 * * *', 'Europe/Berlin', ms('2026-03-29T12:00:00Z')))).toBe('2026-03-30T01:00:00Z');
  expect(iso(nextCron('0 3 * * *', 'UTC', ms('2026-03-28T03:00:00Z')))).toBe('2026-03-29T03:00:00Z');
});

describe('the next cycle', () => {
  type Schedule = Partial<JobDefinition['schedule']>;
  const life = (schedule: Schedule, configuredAt: string, openedAt?: string) =>
    lifeAfter(
      fact(ms(configuredAt), 'job-configured', { revision: 1, definition: job({ schedule }) }),
      ...(openedAt === undefined
        ? []
        : [
            fact(ms(openedAt), 'cycle-opened', { cycleId: 'c-1' as never, kind: 'initial', rules: 1 }),
            fact(ms(openedAt), 'cycle-closed', { cycleId: 'c-1' as never, result: 'succeeded' }),
          ]),
    );
  const { days, from, to, zone } = nights;
  const inNights: Schedule = { every: '1h', windows: [{ days, from, to }], zone };

  test('by cron is the next of its times, at first too', () => {
    const cron = { cron: '0 2 * * *' };
    expect(iso(nextCycleAt(life(cron, '2026-03-02T12:00:00Z')))).toBe('2026-03-03T02:00:00Z');
    expect(iso(nextCycleAt(life(cron, '2026-03-02T12:00:00Z', '2026-03-03T02:00:01Z')))).toBe('2026-03-04T02:00:00Z');
  });

  test('waits for a window, and counts the interval inside of it', () => {
    expect(iso(nextCycleAt(life(inNights, '2026-03-02T12:00:00Z')))).toBe('2026-03-02T21:00:00Z');
    expect(iso(nextCycleAt(life(inNights, '2026-03-02T12:00:00Z', '2026-03-02T21:00:00Z')))).toBe('2026-03-02T22:00:00Z');
    expect(iso(nextCycleAt(life(inNights, '2026-03-02T12:00:00Z', '2026-03-03T03:30:00Z')))).toBe('2026-03-03T21:00:00Z');
  });

  test('that was missed is made up for in the next window, and not outside', () => {
    const missed = life(inNights, '2026-03-02T12:00:00Z', '2026-03-02T21:00:00Z');
    expect([isCycleDue(missed, ms('2026-03-02T21:59:00Z')), isCycleDue(missed, ms('2026-03-02T22:00:00Z'))]).toEqual([false, true]);
    expect(isCycleDue(missed, ms('2026-03-03T12:00:00Z'))).toBe(false);
    expect(iso(nextCycleAt(missed, ms('2026-03-03T12:00:00Z')))).toBe('2026-03-03T21:00:00Z');
  });
});

test.each([
  [{ every: '9s' }, 'schedule.every'],
  [{ cron: '* * *' }, 'schedule.cron'],
  [{ zone: 'Mars/Olympus' }, 'schedule.zone'],
  [{ windows: [{ days: 'weekdays', from: '22:00', to: '05:00' }] }, 'schedule.windows.0.days'],
  [{ windows: [{ from: '25:00', to: '05:00' }] }, 'schedule.windows.0.from'],
  [{ windows: [] }, 'schedule.windows'],
])('the schedule %j is refused at %s', (schedule, place) => {
  const { issues } = validateJob({ ...job(), schedule }, { sourceConnectors: {}, targetConnectors: {} });
  expect(issues.map(({ path }) => path.join('.'))).toContain(place);
});
