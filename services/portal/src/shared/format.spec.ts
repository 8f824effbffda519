import { expect, test } from '@jest/globals';

import { formatDay, formatDuration, formatRelative, formatUtc, formatValue } from './format.js';

test.each([
  [0, '0 s'],
  [300, '0.3 s'],
  [14_200, '14 s'],
  [65_000, '1 min 5 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_061_000, '1 d 1 h'],
])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  ['2026-03-02T09:00:00Z', '1 h ago'],
  ['2026-03-02T10:00:03Z', 'just now'],
  ['2026-03-02T10:40:30Z', 'in 40 min'],
])('%s is %s', (at, text) => expect(formatRelative(at, Date.parse('2026-03-02T10:00:00Z'))).toBe(text));

test.each([
  [null, ''],
  [['a', 2], 'a, 2'],
  [false, 'false'],
  [{ a: 1 }, '{"a":1}'],
])('the value %j reads as "%s"', (value, text) => expect(formatValue(value)).toBe(text));

test('a day of the calendar is that day, wherever its reader is', () => expect(formatDay('2026-11-22')).toBe('Sun 22 Nov 2026'));

test('UTC says that it is', () => expect(formatUtc('2026-03-02T09:00:00.120Z')).toBe('2026-03-02 09:00:00.120 UTC'));
