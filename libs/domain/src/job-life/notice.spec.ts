import { expect, test } from '@jest/globals';

import type { Failure } from '../object/failure.js';
import { isoOf } from '../object/instant.js';
import { fact, job, lifeAfter } from '../testing/index.js';
import type { JobFact, QuarantineReason } from './job-fact.js';
import { foldJob } from './fold-job.js';
import { noticeOf } from './notice.js';

const failure: Failure = { kind: 'unauthorized', code: 'http-401', message: 'refused' };
const quarantined = (atMs: number, reason: QuarantineReason = 'connection', count = 1) =>
  fact(atMs, 'job-quarantined', { reason, failure, beganAt: isoOf(5), count, nextAttemptAt: isoOf(99) });
const recovered = (atMs: number) => fact(atMs, 'job-recovered', { by: { kind: 'user' } });
const disabled = (atMs: number) => fact(atMs, 'job-disabled', {});

/** What is told along a story, fact by fact. */
const told = (...facts: JobFact[]): string[] => {
  let life = lifeAfter(fact(1, 'job-configured', { revision: 1, definition: job() }));
  return facts.map((each) => {
    const notice = noticeOf(life, each);
    life = foldJob(life, each);
    return notice ? `${notice.kind} (${notice.reason})` : '-';
  });
};

test.each<[string, JobFact[], string[]]>([
  ['once when it is entered', [quarantined(10), quarantined(20, 'connection', 2)], ['quarantine-entered (connection)', '-']],
  [
    'once more when the reason changes',
    [quarantined(10), quarantined(20, 'failure-proportion', 2), quarantined(30, 'failure-proportion', 3)],
    ['quarantine-entered (connection)', 'quarantine-changed (failure-proportion)', '-'],
  ],
  [
    'when it is left',
    [quarantined(10), recovered(20), recovered(30)],
    ['quarantine-entered (connection)', 'quarantine-left (connection)', '-'],
  ],
  [
    'when the job is disabled, and when it is started again',
    [quarantined(10), disabled(20), disabled(25), recovered(30), quarantined(40)],
    [
      'quarantine-entered (connection)',
      'job-disabled (connection)',
      '-',
      'quarantine-left (connection)',
      'quarantine-entered (connection)',
    ],
  ],
  ['of nothing else', [fact(10, 'job-state-changed', { state: 'paused' }), recovered(20)], ['-', '-']],
])('people are told of a quarantine %s', (_, facts, expected) => expect(told(...facts)).toEqual(expected));

test('a notice says why, since when, and when it is tried again', () => {
  expect(noticeOf(lifeAfter(), quarantined(10))).toEqual({
    kind: 'quarantine-entered',
    reason: 'connection',
    message: 'refused',
    beganAt: isoOf(5),
    nextAttemptAt: isoOf(99),
  });
});
