import { expect, test } from '@jest/globals';

import { CliError } from '../cli-error.js';
import { parseSince } from '../parse-since.js';
import { counted, formatDistance, formatDuration, formatInstant, localTimes } from './format.js';
import { cut, displayWidth, printable, showValue } from './text.js';

test.each([
  [0, '0 ms'],
  [949.6, '950 ms'],
  [1_000, '1 s'],
  [1_540, '1.5 s'],
  [9_990, '10 s'],
  [59_600, '1 min'],
  [65_000, '1 min 5 s'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [183_600_000, '2 d 3 h'],
])('%d ms read as %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

test('an instant is shown in the zone of the reader, across a change of day and of clocks', () => {
  expect(formatInstant('2026-11-22T23:30:05.900Z', 'Europe/Berlin')).toBe('2026-11-23 00:30:05');
  expect(formatInstant('2026-07-01T10:00:00.000Z', 'Europe/Berlin')).toBe('2026-07-01 12:00:00');
  expect(formatInstant('2026-11-22T00:00:00.000Z', 'UTC')).toBe('2026-11-22 00:00:00');
  expect(formatInstant(null)).toBe('–');
  expect(formatInstant('not a time')).toBe('not a time');
});

test('a distance says its direction', () => {
  const now = Date.parse('2026-11-22T12:00:00.000Z');
  expect(formatDistance('2026-11-22T12:12:00.000Z', now)).toBe('in 12 min');
  expect(formatDistance('2026-11-22T09:00:00.000Z', now)).toBe('3 h ago');
  expect(formatDistance('2026-11-22T12:00:00.400Z', now)).toBe('now');
});

test('instants inside a sentence are local too', () => {
  expect(localTimes('tried again at 2026-11-22T23:30:05.900Z; as always', 'Europe/Berlin')).toBe(
    'tried again at 2026-11-23 00:30:05; as always',
  );
});

test('one of a thing is singular', () => expect([counted(1, 'event'), counted(2_000, 'event')]).toEqual(['1 event', '2,000 events']));

test('East Asian characters take two columns, marks none, colours none', () => {
  expect(displayWidth('山田 太郎')).toBe(9);
  expect(displayWidth('Zoe\u0308')).toBe(3);
  expect(displayWidth('\u001B[31mred\u001B[39m')).toBe(3);
  expect(cut('山田太郎', 5)).toBe('山田…');
});

test('text from elsewhere cannot steer the terminal and stays on its line', () => {
  expect(printable('a\u001B[2Jb\r\nc\u202Ed')).toBe('a\\u001b[2Jb↵c\\u202ed');
  expect(showValue('Oudegracht 12\nUtrecht')).toBe('Oudegracht 12↵Utrecht');
  expect([showValue(null), showValue(''), showValue(false), showValue(['a', 'b']), showValue({ a: 1 })]).toEqual([
    '–',
    '–',
    'false',
    'a, b',
    '{"a":1}',
  ]);
});

const now = Date.parse('2026-11-22T12:00:00.000Z');

test.each([
  ['2h', '2026-11-22T10:00:00.000Z'],
  ['30m', '2026-11-22T11:30:00.000Z'],
  ['30 min', '2026-11-22T11:30:00.000Z'],
  ['7d', '2026-11-15T12:00:00.000Z'],
  ['NOW', '2026-11-22T12:00:00.000Z'],
  ['2026-11-20T08:00:00Z', '2026-11-20T08:00:00.000Z'],
  ['2026-11-20T08:00:00+02:00', '2026-11-20T06:00:00.000Z'],
])('%s is %s', (text, instant) => expect(parseSince(text, now)).toBe(instant));

test('days are those of the reader: today, yesterday and a bare date begin at local midnight', () => {
  const today = new Date(now);
  const midnight = new Date(today.getFullYear(), today.getMonth(), today.getDate());
  expect(parseSince('today', now)).toBe(midnight.toISOString());
  expect(parseSince('yesterday', now)).toBe(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1).toISOString());
  expect(parseSince('2026-11-20', now)).toBe(new Date(2026, 10, 20).toISOString());
});

test.each(['soon', '2x', '', '2026-13-45', '12'])('%p is not a time', (text) => expect(() => parseSince(text, now)).toThrow(CliError));
