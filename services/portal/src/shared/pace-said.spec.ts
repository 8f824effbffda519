import { expect, test } from '@jest/globals';
import type { PaceView, RateView } from '@provident/contracts/http';

import { paceSaid, rateSaid } from './pace-said.js';

const now = Date.parse('2026-03-02T09:00:00.000Z');
const pace = (given: Partial<PaceView>): PaceView => ({ limits: [], learned: null, pausedUntil: null, waiting: 3, ...given });
const minute = { requests: 100, perMs: 60_000, of: 'all', used: 99 } as const;

test.each<[string, Partial<PaceView>, string]>([
  ['what is declared', { limits: [minute] }, 'Limited by the target: 99 of 100 requests a minute'],
  [
    'the scarcest first',
    { limits: [minute, { requests: 30, perMs: 1_000, of: 'writes', used: 30 }] },
    'Limited by the target: 30 of 30 writes a second, 99 of 100 requests a minute',
  ],
  ['at once', { limits: [{ requests: 8, perMs: 0, of: 'all', used: 8 }] }, 'Limited by the target: 8 of 8 requests at once'],
  ['another time', { limits: [{ ...minute, perMs: 10_000 }] }, 'Limited by the target: 99 of 100 requests in 10 s'],
  [
    'what it was found out by',
    { limits: [minute], learned: 'guessed' },
    'Limited by the target: 99 of 100 requests a minute (found out by its refusals)',
  ],
  ['a target that asked', { limits: [minute], pausedUntil: '2026-03-02T09:00:29.500Z' }, 'Waiting 30 s because the target asked for it'],
  [
    'one that asked long ago',
    { limits: [minute], pausedUntil: '2026-03-02T08:59:00.000Z' },
    'Limited by the target: 99 of 100 requests a minute',
  ],
])('says why a job does not go faster: %s', (_, given, text) => expect(paceSaid(pace(given), now)).toBe(text));

const rate = (given: Partial<RateView>): RateView => ({ limits: [], pausedUntil: null, waiting: 0, answered: 9_000, refused: 0, ...given });

test.each<[string, Partial<RateView>, string]>([
  ['declared', { limits: [{ ...minute, from: 'declared' }] }, '99 of 100 requests a minute (declared), never refused in 24 h'],
  [
    'found out, with who waits',
    { limits: [{ ...minute, of: 'writes', from: 'guessed' }], waiting: 4, refused: 12 },
    '99 of 100 writes a minute (found out by its refusals), 4 waiting, 12 of 9,000 requests refused in 24 h',
  ],
])('says what a target allows: %s', (_, given, text) => expect(rateSaid(rate(given))).toBe(text));
