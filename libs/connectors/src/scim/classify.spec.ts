import { describe, expect, test } from '@jest/globals';

import { type AnswerHeaders, maxRetryAfterMs, readRetryAfter } from '../shared/rate-headers.js';
import { classifyScimAnswer } from './classify.js';

const urn = 'urn:ietf:params:scim:api:messages:2.0:Error';
const scim = (status: number | string, detail: string, scimType?: string) =>
  JSON.stringify({ schemas: [urn], status, ...(scimType && { scimType }), detail });
const now = Date.parse('2026-01-01T00:00:00Z');

describe('an answer of', () => {
  test.each<[string, number, AnswerHeaders, string, object | null]>([
    ['200', 200, {}, '{"id":"1"}', null],
    ['204', 204, {}, '', null],
    [
      'SCIMMY 400 invalidValue',
      400,
      {},
      scim('400', "Attribute 'active' expected value type 'boolean' but found type 'string'", 'invalidValue'),
      { kind: 'rejected', code: 'http-400-invalid-value', attribute: 'active' },
    ],
    [
      'SCIMMY 400 noTarget',
      400,
      {},
      scim('400', 'Filter \'phoneNumbers[type eq "mobile"].value\' does not match any values', 'noTarget'),
      { kind: 'rejected', code: 'http-400-no-target' },
    ],
    ['400 mutability', 400, {}, scim(400, 'id is read only', 'mutability'), { kind: 'rejected', code: 'http-400-mutability' }],
    ['400 uniqueness', 400, {}, scim('400', 'userName is taken', 'uniqueness'), { kind: 'conflict', code: 'http-400-uniqueness' }],
    [
      '400 in words only',
      400,
      {},
      '{"error":{"message":"A user with this login already exists"}}',
      { kind: 'conflict', message: expect.stringContaining('this login already exists') },
    ],
    [
      '400 invalidFilter',
      400,
      {},
      scim('400', 'cannot filter by employeeNumber', 'invalidFilter'),
      { kind: 'misconfigured', code: 'http-400-invalid-filter' },
    ],
    ['403 tooMany', 403, {}, scim('403', 'too many results', 'tooMany'), { kind: 'misconfigured', code: 'http-403-too-many' }],
    [
      '400 in plain text',
      400,
      {},
      'Bad Request',
      { kind: 'rejected', code: 'http-400', message: 'The target refused the values (400): Bad Request' },
    ],
    [
      '401 without a body',
      401,
      { 'www-authenticate': 'Bearer' },
      '',
      { kind: 'unauthorized', code: 'http-401', message: 'The target does not accept the credentials (401).' },
    ],
    ['403', 403, {}, scim('403', 'not yours'), { kind: 'forbidden', code: 'http-403' }],
    ['404', 404, {}, scim('404', 'Resource 7 not found'), { kind: 'gone', code: 'http-404' }],
    ['410', 410, {}, '', { kind: 'gone' }],
    ['405', 405, {}, '', { kind: 'forbidden', code: 'http-405' }],
    ['408', 408, {}, '', { kind: 'unavailable' }],
    ['409 uniqueness', 409, {}, scim(409, 'taken', 'uniqueness'), { kind: 'conflict', code: 'http-409', status: 409 }],
    ['409 with nothing', 409, {}, '', { kind: 'conflict' }],
    ['412', 412, {}, '', { kind: 'unavailable' }],
    ['413', 413, {}, '<html>too large</html>', { kind: 'rejected' }],
    ['415', 415, {}, '', { kind: 'protocol' }],
    [
      '422',
      422,
      {},
      '{"message":"phone number is not valid"}',
      { kind: 'rejected', message: expect.stringContaining('phone number is not valid') },
    ],
    ['429 without a delay', 429, {}, '', { kind: 'throttled' }],
    ['429 with seconds', 429, { 'retry-after': '30' }, '', { kind: 'throttled', retryAfterMs: 30_000 }],
    ['429 with decimal seconds', 429, { 'retry-after': '2.128' }, '', { kind: 'throttled', retryAfterMs: 2_128 }],
    ['429 with a date', 429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:45 GMT' }, '', { kind: 'throttled', retryAfterMs: 45_000 }],
    ['429 with a date long ago', 429, { 'retry-after': 'Thu, 01 Jan 2015 00:00:45 GMT' }, '', { kind: 'throttled', retryAfterMs: 0 }],
    ['429 with a year', 429, { 'retry-after': '31536000' }, '', { kind: 'throttled', retryAfterMs: maxRetryAfterMs }],
    ['503 with a delay', 503, { 'retry-after': '5' }, '<html>', { kind: 'throttled', retryAfterMs: 5_000 }],
    ['503 without', 503, {}, 'Service Unavailable', { kind: 'unavailable', code: 'http-503' }],
    ['503 with nonsense', 503, { 'retry-after': 'soon' }, '', { kind: 'unavailable' }],
    [
      '500',
      500,
      {},
      '{"detail":"NullPointerException"}',
      { kind: 'unavailable', message: expect.stringContaining('NullPointerException') },
    ],
    ['500 in words of a conflict', 500, {}, scim('500', 'duplicate key value violates unique constraint'), { kind: 'conflict' }],
    ['501', 501, {}, '', { kind: 'forbidden', code: 'http-501' }],
    ['504 to a read', 504, {}, '', { kind: 'unavailable' }],
    ['an error under 200', 200, {}, scim('404', 'not here'), { kind: 'gone', code: 'http-404', status: 200 }],
    ['418', 418, {}, '', { kind: 'rejected' }],
    ['304', 304, {}, '', { kind: 'protocol' }],
  ])('%s', (_what, status, headers, body, expected) => {
    const facts = classifyScimAnswer(status, headers, body, { now });
    if (expected === null) expect(facts).toBeNull();
    else expect(facts).toMatchObject(expected);
  });
});

test.each([502, 504])('%d to a write says nothing of what became of it', (status) => {
  expect(classifyScimAnswer(status, {}, '', { isWrite: true })).toMatchObject({ kind: 'unknown-outcome' });
});

test('long and broken words are cut to one readable line', () => {
  const { message } = classifyScimAnswer(400, {}, scim(400, `${'very long\r\n\u0000'.repeat(200)}`))!;
  expect(message.length).toBeLessThan(400);
  expect(message).not.toMatch(/\p{Cc}/u);
});

test.each(['', '-5', 'NaN', '1e9', '12 seconds'])('"%s" is no delay', (text) => {
  expect(readRetryAfter({ 'retry-after': text }, now)).toBeUndefined();
});
