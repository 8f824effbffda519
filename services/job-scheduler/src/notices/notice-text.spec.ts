import { expect, test } from '@jest/globals';
import type { Notice } from '@provident/domain';

import { mailOf, payloadOf } from './notice-text.js';

const told = (notice: Partial<Notice> = {}) => ({
  id: 'c-1.quarantined',
  jobId: 'staff-to-wiki',
  jobName: 'Staff to wiki',
  at: '2026-03-01T08:00:00.000Z',
  notice: {
    kind: 'quarantine-entered' as const,
    reason: 'connection' as const,
    message: 'The target does not accept the credentials (401).',
    beganAt: '2026-03-01T07:59:00.000Z',
    nextAttemptAt: '2026-03-01T08:40:00.000Z',
    ...notice,
  },
});

test('a mail says what, why, since when, and what to do', () => {
  const { subject, text } = mailOf(told());
  expect(subject).toBe('[Provident] Staff to wiki is in quarantine');
  for (const part of ['(connection)', '(401)', '2026-03-01T07:59', '2026-03-01T08:40', 'probed', 'provident start staff-to-wiki'])
    expect(text).toContain(part);
});

test.each<[Partial<Notice>, string, string]>([
  [{ kind: 'quarantine-changed', reason: 'failure-proportion' }, 'for another reason', 'until a cycle succeeds'],
  [{ kind: 'quarantine-left', nextAttemptAt: null }, 'is healthy again', 'Nothing has to be done'],
  [{ kind: 'job-disabled', nextAttemptAt: null }, 'was disabled', 'runs no more by itself'],
  [{ reason: 'too-many-removals' }, 'is in quarantine', 'until a person releases the removals'],
])('of %p it says so', (notice, subject, text) => {
  const mail = mailOf(told(notice));
  expect(mail.subject).toContain(subject);
  expect(mail.text).toContain(text);
});

test('the name of a job cannot add headers to a mail', () => {
  expect(mailOf({ ...told(), jobName: 'a\r\nBcc: x@y.z' }).subject).toBe('[Provident] a Bcc: x@y.z is in quarantine');
});

test('a webhook gets the same as members', () => {
  expect(payloadOf(told())).toEqual({
    version: 1,
    id: 'c-1.quarantined',
    kind: 'quarantine-entered',
    jobId: 'staff-to-wiki',
    jobName: 'Staff to wiki',
    at: '2026-03-01T08:00:00.000Z',
    reason: 'connection',
    message: 'The target does not accept the credentials (401).',
    beganAt: '2026-03-01T07:59:00.000Z',
    nextAttemptAt: '2026-03-01T08:40:00.000Z',
    title: 'Staff to wiki is in quarantine',
    advice: expect.stringContaining('less and less often'),
  });
});
