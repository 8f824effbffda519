import { createHmac } from 'node:crypto';

import { expect, test } from '@jest/globals';

import { undelivered } from './notice-failure.js';
import { nextNoticeAttempt } from './notice-sender.js';
import { signatureOf } from './webhook.js';

test('a signature is the HMAC-SHA256 of time and body', () => {
  const signature = signatureOf('secret', '1767225600', '{"a":1}');
  expect(signature).toBe(`v1=${createHmac('sha256', 'secret').update('1767225600.{"a":1}').digest('hex')}`);
  expect(signature).not.toBe(signatureOf('secret', '1767225601', '{"a":1}'));
  expect(signature).not.toBe(signatureOf('other', '1767225600', '{"a":1}'));
});

test('a notice is tried again at growing intervals, for a day', () => {
  const at = new Date(0);
  const waits = [1, 2, 3, 4, 11, 40].map((attempts) => nextNoticeAttempt(at, attempts, at)!.getTime() / 1_000);
  expect(waits).toEqual([5, 10, 20, 40, 3_600, 3_600]);
  expect(nextNoticeAttempt(at, 30, new Date(23 * 3_600_000))).toBeNull();
});

test.each([
  ['Invalid login for jane@example.org: 535 5.7.8', 'it: Invalid login for … 535 5.7.8'],
  ['connect ECONNREFUSED smtp://user:pass@10.0.0.1:25', 'it: connect ECONNREFUSED …'],
  ['two\r\nlines', 'it: two lines'],
])('%p is told without addresses and credentials', (message, expected) => {
  expect(undelivered('it', new Error(message)).message.replace(/…:/, '…')).toBe(expected);
});

test('the cause of a failed request is told', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(undelivered('it', new TypeError('fetch failed', { cause })).message).toBe('it: fetch failed; connect ECONNREFUSED; ECONNREFUSED');
});
