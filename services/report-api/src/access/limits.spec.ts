import { describe, expect, test } from '@jest/globals';

import { hashOf, isTokenOf, newApiToken, parseApiToken, printApiToken } from './api-token.js';
import { type Denial, Denials, type DenialsOptions } from './denials.js';
import { RateLimit } from './rate-limit.js';

type Told = Parameters<DenialsOptions['tell']>[0];

describe('denied attempts', () => {
  const denial = (name: string, message = 'no'): Denial => ({
    kind: 'not-allowed',
    message,
    route: 'GET /x',
    about: null,
    address: '192.0.2.1',
    by: { kind: 'user', name },
  });
  function world(options: Partial<DenialsOptions> = {}) {
    const told: Told[] = [];
    const denials = new Denials({
      tell: async (denied) => void told.push(denied),
      onTrouble: () => undefined,
      now: () => new Date('2026-03-01T00:00:00.000Z'),
      windowMs: 3_600_000,
      ...options,
    });
    return { told, denials, counts: () => told.map(({ by, count }) => [by.name, count]) };
  }

  test('the first of a caller is told of at once, the following ones together', async () => {
    const { denials, counts, told } = world();
    denials.note(denial('ada'));
    await Promise.resolve();
    expect(counts()).toEqual([['ada', 1]]);
    for (let i = 0; i < 999; i++) denials.note(denial('ada', `attempt ${i}`));
    denials.note(denial('ben'));
    await denials.end();
    expect(counts()).toEqual([
      ['ada', 1],
      ['ben', 1],
      ['ada', 999],
    ]);
    expect(told.at(-1)!.message).toBe('attempt 998');
  });

  test('those of too many callers are told of together: nobody floods the log by changing who they are', async () => {
    const { denials, told } = world({ mostCallers: 3 });
    for (let i = 0; i < 10_000; i++) denials.note(denial(`caller ${i}`));
    await denials.end();
    expect(told.length).toBe(4);
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });

  test('what could not be told is told with what comes next', async () => {
    let isAway = true;
    const told: Told[] = [];
    const { denials } = world({
      tell: async (denied) => {
        if (isAway) throw new Error('away');
        told.push(denied);
      },
    });
    denials.note(denial('ada'));
    await new Promise((resolve) => setImmediate(resolve));
    isAway = false;
    denials.note(denial('ada'));
    await denials.end();
    expect(told.map(({ count }) => count)).toEqual([2]);
  });
});

describe('a limit', () => {
  test('gives a minute´s worth at once, and then as it grows again', () => {
    let nowMs = 0;
    const limit = new RateLimit(60, () => nowMs);
    const take = (count: number) => Array.from({ length: count }, () => limit.take('a'));
    expect(take(61)).toEqual([...Array.from({ length: 60 }, () => 0), 1]);
    expect(limit.take('b')).toBe(0);
    nowMs += 2_000;
    expect(take(3)).toEqual([0, 0, 1]);
    nowMs += 3_600_000;
    expect(take(61).filter((wait) => wait > 0)).toHaveLength(1);
  });

  test('of 0 is none', () => {
    const limit = new RateLimit(0, () => 0);
    expect(Array.from({ length: 1_000 }, () => limit.take('a')).every((wait) => wait === 0)).toBe(true);
  });
});

describe('an API token', () => {
  test('is read as it was printed, and no two are the same', () => {
    const tokens = Array.from({ length: 100 }, newApiToken);
    for (const token of tokens) expect(parseApiToken(printApiToken(token))).toEqual(token);
    expect(new Set(tokens.map(({ secret }) => secret)).size).toBe(100);
    expect(Buffer.from(tokens[0]!.secret, 'base64url')).toHaveLength(32);
    for (const text of [
      '',
      'pvt_',
      `pvt_${'a'.repeat(12)}_${'b'.repeat(42)}`,
      `pvt_${'a'.repeat(12)}_${'b'.repeat(44)}`,
      ` ${printApiToken(tokens[0]!)}`,
    ])
      expect(parseApiToken(text)).toBeNull();
  });

  test('is known by its hash alone', () => {
    const [one, other] = [newApiToken(), newApiToken()];
    expect([isTokenOf(hashOf(one), one), isTokenOf(hashOf(one), other)]).toEqual([true, false]);
    expect(hashOf(one).toString('base64url')).not.toContain(one.secret);
  });
});
