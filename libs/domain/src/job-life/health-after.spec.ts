import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { Failure } from '../object/failure.js';
import { isoOf } from '../object/instant.js';
import { asCycleId } from '../object/ids.js';
import { fact, job, lifeAfter } from '../testing/index.js';
import { type CycleEnd, healthAfter, isOverdue, quarantineDelayMs, unhealthyAtOnce } from './health-after.js';
import { probeDelayMs } from './probe-delay.js';
import type { JobFact } from './job-fact.js';

const cycleId = asCycleId('c-1');
const none = { created: 0, updated: 0, disabled: 0, deleted: 0, skipped: 0, unchanged: 0, escrowed: 0, held: 0 };
const failure = (kind: Failure['kind']): Failure => ({ kind, code: 'some-code', message: 'some words' });
const failed = (kind: Failure['kind']): CycleEnd => ({ result: 'failed', tally: none, failure: failure(kind) });
const ended = (tally: Partial<typeof none>, because: Failure | null = null): CycleEnd => ({
  result: tally.escrowed ? 'entry-level-errors' : 'succeeded',
  tally: { ...none, ...tally },
  failure: because,
});

const start = [fact(1, 'job-configured', { revision: 1, definition: job({ schedule: { every: '1h' } }) })];
const open = fact(100, 'cycle-opened', { cycleId, kind: 'initial', rules: 1 });
const closedAs = (result: 'failed' | 'succeeded') => fact(20, 'cycle-closed', { cycleId, result });
const inQuarantine = (count: number, atMs = 20) =>
  fact(atMs, 'job-quarantined', {
    reason: 'connection',
    failure: failure('unavailable'),
    beganAt: isoOf(5),
    count,
    nextAttemptAt: isoOf(99),
  });
const after = (end: CycleEnd, ...facts: JobFact[]) => healthAfter(end, lifeAfter(...start, ...facts, open), 1_000);
const hour = 3_600_000;

describe('a failed cycle', () => {
  test.each<Failure['kind']>(['unauthorized', 'forbidden', 'misconfigured', 'protocol'])(
    'puts the job in quarantine at once when it is %s',
    (kind) => {
      expect(after(failed(kind))).toEqual({
        verdict: 'quarantine',
        quarantine: { reason: 'connection', failure: failure(kind), beganAt: isoOf(1_000), count: 1, nextAttemptAt: isoOf(1_000 + hour) },
      });
    },
  );

  test.each<Failure['kind']>(['unavailable', 'throttled', 'invalid-source', 'rejected'])(
    'that is %s counts only with the second in a row',
    (kind) => {
      expect(after(failed(kind)).verdict).toBe('none');
      expect(after(failed(kind), open, closedAs('failed')).verdict).toBe('quarantine');
      expect(after(failed(kind), open, closedAs('failed'), open, closedAs('succeeded')).verdict).toBe('none');
      expect(after(failed(kind), open, closedAs('failed'), fact(30, 'job-recovered', { by: { kind: 'user' } })).verdict).toBe('none');
    },
  );

  test('counts the same before and after it was folded', () => {
    const folded = lifeAfter(...start, open, closedAs('failed'), open, closedAs('failed'));
    expect(healthAfter(failed('unavailable'), folded, 1_000)).toEqual(after(failed('unavailable'), open, closedAs('failed')));
  });

  test('prolongs a quarantine, which keeps its beginning and waits longer', () => {
    expect(after(failed('unavailable'), inQuarantine(2))).toMatchObject({
      quarantine: { beganAt: isoOf(5), count: 3, nextAttemptAt: isoOf(1_000 + 4 * hour) },
    });
  });
});

describe('a cycle that did not fail', () => {
  test.each([
    ['every export failed', { escrowed: 50 }, 'quarantine'],
    ['everything that was to be provisioned failed', { escrowed: 50, skipped: 1_000 }, 'quarantine'],
    ['more than the allowed share failed', { escrowed: 41, created: 59 }, 'quarantine'],
    ['just the allowed share failed', { escrowed: 40, created: 60 }, 'none'],
    ['too few failed to tell', { escrowed: 19 }, 'none'],
    ['nothing failed', { created: 100 }, 'none'],
    ['removals are held', { held: 100 }, 'none'],
    ['nothing happened', {}, 'none'],
  ])('when %s', (_, tally, verdict) => expect(after(ended(tally)).verdict).toBe(verdict));

  test('says how many of how many failed', () => {
    expect(after(ended({ escrowed: 30, created: 20, skipped: 7 }))).toMatchObject({
      quarantine: {
        reason: 'failure-proportion',
        failure: { code: 'failure-proportion', message: '30 of 50 objects failed; more than 40% puts the job in quarantine' },
      },
    });
  });

  test('ends a quarantine', () => {
    expect(after(ended({ updated: 1, escrowed: 1 }), inQuarantine(3))).toEqual({ verdict: 'recover', quarantinedAt: isoOf(5) });
    expect(after(ended({ escrowed: 50 }), inQuarantine(3))).toMatchObject({ quarantine: { count: 4, reason: 'failure-proportion' } });
  });

  test('still shows a connection that needs repair', () => {
    expect(after(ended({ escrowed: 1 }, failure('unauthorized')))).toMatchObject({ quarantine: { reason: 'connection' } });
    expect(after(ended({ escrowed: 1 }, failure('unavailable')))).toEqual({ verdict: 'none' });
  });
});

test('the wait in quarantine starts at the interval, doubles up to a day, and is never shorter than the interval', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 2_000].map((count) => quarantineDelayMs(hour, count) / hour)).toEqual([1, 2, 4, 8, 16, 24, 24, 24]);
  expect([1, 5].map((count) => quarantineDelayMs(72 * hour, count) / hour)).toEqual([72, 72]);
  fc.assert(
    fc.property(fc.integer({ min: 10_000, max: 100 * hour }), fc.integer({ min: 1, max: 50 }), (every, count) => {
      expect(quarantineDelayMs(every, count + 1)).toBeGreaterThanOrEqual(quarantineDelayMs(every, count));
      expect(quarantineDelayMs(every, count)).toBeLessThanOrEqual(Math.max(every, 24 * hour));
    }),
  );
});

describe('very many failures', () => {
  const thresholds = { failures: { percent: 100, atLeast: 1, count: 400, total: 600 } };
  const configured = fact(2, 'job-configured', { revision: 2, definition: job({ thresholds }) });
  test.each<[number, number, number, string | null]>([
    [400, 0, 1_000, null],
    [401, 0, 1_000_000, 'failure-count'],
    [500, 101, 1_000, null],
    [600, 300, 1_000, null],
    [601, 300, 1_000, 'failure-total'],
    [700, 100, 1_000, 'failure-count'],
  ])('%d of which %d are references, beside %d successes: %p', (escrowed, references, created, reason) => {
    const verdict = after({ ...ended({ escrowed, created }), references }, configured);
    expect(verdict.verdict === 'quarantine' ? verdict.quarantine.reason : null).toBe(reason);
  });

  test('references are no part of the share', () => {
    const share = fact(2, 'job-configured', { revision: 2, definition: job({ thresholds: { failures: { percent: 40, atLeast: 20 } } }) });
    expect(after({ ...ended({ escrowed: 90, created: 10 }), references: 80 }, share).verdict).toBe('none');
  });

  test('puts the job in quarantine by default above 40,000', () => {
    expect(after(ended({ escrowed: 41_000, created: 1_000_000 }))).toMatchObject({ quarantine: { reason: 'failure-count' } });
  });
});

describe('held removals', () => {
  const held = fact(21, 'removals-held', { cycleId, proposed: 9, linked: 10, threshold: 'more than 5', until: 'person' });
  const forRemovals = fact(22, 'job-quarantined', {
    reason: 'too-many-removals',
    failure: failure('rejected'),
    beganAt: isoOf(22),
    count: 1,
    nextAttemptAt: isoOf(99),
  });
  test('keep a job in quarantine that runs well otherwise, until they are released', () => {
    expect(after(ended({ updated: 1 }), held, forRemovals).verdict).toBe('none');
    expect(after(ended({ updated: 1 }), held, forRemovals, fact(23, 'removals-released', { cycleId })).verdict).toBe('recover');
    expect(after(failed('unauthorized'), held, forRemovals)).toMatchObject({ quarantine: { reason: 'connection', count: 2 } });
  });
});

describe('credentials that are refused', () => {
  test('are found at once, and once', () => {
    const life = lifeAfter(...start, open);
    expect(unhealthyAtOnce(failure('unauthorized'), life)).toEqual({ reason: 'connection', failure: failure('unauthorized') });
    expect(unhealthyAtOnce(failure('unavailable'), life)).toBeNull();
    expect(unhealthyAtOnce(null, life)).toBeNull();
    expect(unhealthyAtOnce(failure('unauthorized'), lifeAfter(...start, inQuarantine(1)))).toBeNull();
  });

  test('count once in the cycle in which they were found', () => {
    const life = lifeAfter(...start, open, inQuarantine(1, 120));
    expect(healthAfter(failed('unauthorized'), life, 1_000)).toMatchObject({ quarantine: { count: 1, beganAt: isoOf(5) } });
  });
});

test('a job is disabled after 28 days in quarantine, or as its file says', () => {
  const day = 24 * hour;
  const life = lifeAfter(...start, inQuarantine(9));
  expect([28 * day + 4, 28 * day + 5].map((nowMs) => isOverdue(life, nowMs))).toEqual([false, true]);
  expect(isOverdue(lifeAfter(...start, inQuarantine(9), fact(30, 'job-disabled', {})), 30 * day)).toBe(false);
  expect(isOverdue(lifeAfter(...start), 30 * day)).toBe(false);
  const soon = fact(1, 'job-configured', { revision: 1, definition: job({ quarantine: { disableAfter: '1h' } }) });
  expect(isOverdue(lifeAfter(soon, inQuarantine(9)), hour + 5)).toBe(true);
});

test('the connection is probed at growing intervals, up to an hour', () => {
  expect([0, 1, 2, 5, 6, 50].map((probes) => probeDelayMs(60_000, probes) / 60_000)).toEqual([1, 2, 4, 32, 60, 60]);
  expect(probeDelayMs(2 * hour, 3)).toBe(2 * hour);
});
