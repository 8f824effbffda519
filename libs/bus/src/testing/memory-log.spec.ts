import { expect, test } from '@jest/globals';

import { MemoryLog, eventLogContract, headersFrom, matchesSubject } from './index.js';

eventLogContract('the log in memory', async () => ({
  fresh: async () => new MemoryLog(),
  put: async (log, subject, headers, body) => (log as MemoryLog).put({ subject, headers: headersFrom(headers), data: Buffer.from(body) }),
  close: async () => undefined,
}));

test.each([
  ['a.b.c', 'a.b.c', true],
  ['a.b.c', 'a.b', false],
  ['a.*.c', 'a.b.c', true],
  ['a.*.c', 'a.b.d', false],
  ['a.*', 'a.b.c', false],
  ['a.>', 'a.b.c', true],
  ['a.>', 'a', false],
  ['*.b.>', 'a.b.c.d', true],
])('%s names %s: %s', (pattern, subject, names) => expect(matchesSubject(pattern, subject)).toBe(names));
