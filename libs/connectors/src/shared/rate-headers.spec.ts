import { expect, test } from '@jest/globals';

import { type AnswerHeaders, maxRetryAfterMs, readRateHeaders, tellsOfRate } from './rate-headers.js';

const now = Date.parse('2026-03-02T09:00:00Z');

test.each<[string, AnswerHeaders, object]>([
  ['nothing', {}, {}],
  ['seconds', { 'retry-after': '30' }, { retryAfterMs: 30_000 }],
  ['decimal seconds', { 'retry-after': '2.128' }, { retryAfterMs: 2_128 }],
  ['a date', { 'retry-after': 'Mon, 02 Mar 2026 09:00:45 GMT' }, { retryAfterMs: 45_000 }],
  ['a date that is past', { 'retry-after': 'Mon, 02 Mar 2026 08:00:00 GMT' }, { retryAfterMs: 0 }],
  [
    'a date of a target whose clock is an hour ahead',
    { 'retry-after': 'Mon, 02 Mar 2026 10:00:45 GMT', date: 'Mon, 02 Mar 2026 10:00:00 GMT' },
    { retryAfterMs: 45_000 },
  ],
  [
    'a date of a target whose clock is two days behind',
    { 'retry-after': 'Sat, 28 Feb 2026 09:01:00 GMT', date: 'Sat, 28 Feb 2026 09:00:00 GMT' },
    { retryAfterMs: 60_000 },
  ],
  [
    'a date beside a clock that nobody can read',
    { 'retry-after': 'Mon, 02 Mar 2026 09:00:45 GMT', date: 'today' },
    { retryAfterMs: 45_000 },
  ],
  [
    'the epoch of a target whose clock is a day ahead',
    { 'x-ratelimit-reset': String(now / 1_000 + 86_420), date: 'Tue, 03 Mar 2026 09:00:00 GMT' },
    { resetMs: 20_000 },
  ],
  ['a year', { 'retry-after': '31536000' }, { retryAfterMs: maxRetryAfterMs }],
  ['no number', { 'retry-after': 'soon' }, {}],
  ['a negative number', { 'retry-after': '-5' }, {}],
  [
    'the older draft',
    { 'ratelimit-limit': '100', 'ratelimit-remaining': '3', 'ratelimit-reset': '17' },
    { limit: 100, remaining: 3, resetMs: 17_000 },
  ],
  [
    'the older draft with its policy',
    { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '3' },
    { limit: 100, remaining: 3, windowMs: 60_000 },
  ],
  [
    'x- and seconds',
    { 'x-ratelimit-limit': '40', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' },
    { limit: 40, remaining: 0, resetMs: 5_000 },
  ],
  ['x- and the epoch in seconds', { 'x-ratelimit-reset': String(now / 1_000 + 20) }, { resetMs: 20_000 }],
  [
    'x- and the epoch in milliseconds',
    { 'x-rate-limit-remaining': '1', 'x-rate-limit-reset': String(now + 20_000) },
    { remaining: 1, resetMs: 20_000 },
  ],
  ['x- and a date', { 'x-ratelimit-reset': '2026-03-02T09:00:20Z' }, { resetMs: 20_000 }],
  [
    'the newer draft',
    { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' },
    { limit: 100, remaining: 50, resetMs: 30_000, windowMs: 60_000 },
  ],
  ['the one between', { ratelimit: 'limit=100, remaining=50, reset=5' }, { limit: 100, remaining: 50, resetMs: 5_000 }],
  ['garbage', { 'x-ratelimit-limit': 'many', 'ratelimit-remaining': '-1', ratelimit: ';;=', 'ratelimit-policy': 'q' }, {}],
  ['one header twice', { 'retry-after': ['7', '9'] }, { retryAfterMs: 7_000 }],
])('%s', (_, headers, expected) => {
  expect(readRateHeaders(headers, now)).toEqual(expected);
});

test('an answer without any of them tells nothing, and is not looked at', () => {
  expect(tellsOfRate({ 'content-type': 'application/scim+json', etag: 'W/"1"' })).toBe(false);
  expect(tellsOfRate({ 'x-ratelimit-remaining': '5' })).toBe(true);
});
