import { describe, expect, test } from '@jest/globals';

import { msOf } from '../object/instant.js';
import { horizonOf, laterHorizon } from './retention.js';

const nowMs = msOf('2026-06-30T12:00:00Z');

describe('how far back is kept', () => {
  test.each([
    ['as the job says', { log: '30d' }, { log: '400d' }, '2026-05-31T12:00:00.000Z'],
    ['as the installation says, where the job says nothing', {}, { log: '10d' }, '2026-06-20T12:00:00.000Z'],
    ['everything, where nobody says anything', undefined, {}, null],
    ['everything, where the job says so', { log: 'forever' }, { log: '10d' }, null],
    ['of the other kind nothing follows', { events: '30d' }, {}, null],
  ] as const)('%s', (_case, job, installation, expected) => {
    expect(horizonOf('log', job, installation, nowMs)).toBe(expected);
  });

  test('a horizon never goes back: what is gone is gone', () => {
    expect(laterHorizon('2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z')).toBe('2026-01-02T00:00:00.000Z');
    expect(laterHorizon(null, '2026-01-01T00:00:00.000Z')).toBe('2026-01-01T00:00:00.000Z');
    expect(laterHorizon('2026-01-01T00:00:00.000Z', null)).toBe('2026-01-01T00:00:00.000Z');
    expect(laterHorizon(null, null)).toBe(null);
  });
});
