import { expect, test } from '@jest/globals';
import type { PaceView } from '@provident/contracts';

import { paceText } from './pace.js';

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
