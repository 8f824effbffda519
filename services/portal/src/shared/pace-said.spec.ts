import { expect, test } from '@jest/globals';
import type { PaceView } from '@provident/contracts/http';

import { paceSaid } from './pace-said.js';

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
