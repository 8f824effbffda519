import { expect, test } from '@jest/globals';
import type { PaceView, RateView } from '@provident/contracts';

import { paceText, rateText } from './pace.js';

const now = Date.parse('2026-03-02T09:00:00Z');
const minute: PaceView['limits'][number] = { requests: 100, perMs: 60_000, of: 'all', used: 97 };
const pace = (more: Partial<PaceView>): PaceView => ({ limits: [minute], learned: null, pausedUntil: null, waiting: 8, ...more });

test.each<[string, Partial<PaceView>]>([
  ['limited by the target: 97 of 100 requests/min', {}],
  [
    'limited by the target: 40 of 40 writes/5 s, 97 of 100 requests/min',
    { limits: [minute, { requests: 40, perMs: 5_000, of: 'writes', used: 40 }] },
  ],
  ['limited by the target: 8 of 8 requests at once', { limits: [{ requests: 8, perMs: 0, of: 'all', used: 8 }] }],
  ['limited by the target: 97 of 100 requests/min (found out by its refusals)', { learned: 'guessed' }],
  ['waiting 30 s because the target asked', { pausedUntil: '2026-03-02T09:00:29.400Z' }],
  ['limited by the target: 97 of 100 requests/min', { pausedUntil: '2026-03-02T08:59:59Z' }],
])('%s', (text, more) => {
  expect(paceText(pace(more), now)).toBe(text);
});

const rate = (more: Partial<RateView>): RateView => ({
  limits: [{ ...minute, from: 'declared' }],
  pausedUntil: null,
  waiting: 0,
  answered: 9_000,
  refused: 0,
  ...more,
});

test.each<[string, Partial<RateView>]>([
  ['97 of 100 requests/min (declared); never refused in 24 h', {}],
  ['97 of 100 requests/min (declared), 3 wait; 1 of 9,000 answers in 24 h was 429', { waiting: 3, refused: 1 }],
  [
    '97 of 100 requests/min (found out by its refusals); 12 of 9,000 answers in 24 h were 429',
    { limits: [{ ...minute, from: 'guessed' }], refused: 12 },
  ],
  ['12 of 9,000 answers in 24 h were 429', { limits: [], refused: 12 }],
])('%s', (text, more) => {
  expect(rateText(rate(more))).toBe(text);
});
