import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  type Budget,
  type Party,
  asOfNow,
  emptyBudget,
  exchanged,
  fairShares,
  movesOf,
  paceReport,
  rateReport,
  silentForMs,
  stopsUsingAfterMs,
  withAnswers,
} from './budget.js';
import { announced } from './learned-limit.js';
import { paceLimit } from './limit.js';
import type { SlotGrant } from './slots.js';

const minute = 60_000;
const now = 1_000_000;
const hundred = [paceLimit(100, minute)];
const party = (job: string, more: Partial<Party> = {}): Party => ({
  job,
  heardAt: now,
  usedAt: 0,
  has: [0],
  used: [0],
  wishes: ['more'],
  declared: hundred,
  waiting: 1,
  ...more,
});
function budget(parties: Record<string, Party>): Budget {
  const { limits } = asOfNow({ ...emptyBudget, parties }, now);
  return asOfNow({ ...emptyBudget, limits, free: limits.map(() => []), parties }, now);
}
const total = ({ free, parties }: Budget, limit = 0): number =>
  free[limit]!.reduce((sum, [, slots]) => sum + slots, 0) + Object.values(parties).reduce((sum, { has }) => sum + has[limit]!, 0);

/** One party after another gives and takes, as they do on the same document. */
function exchange(start: Budget, names: readonly string[]): Budget {
  return names.reduce((current, name) => {
    const moves = movesOf(current, name);
    const given = moves.map(({ give }): SlotGrant[] => (give > 0 ? [[now, give]] : []));
    return exchanged(current, name, given, moves).budget;
  }, start);
}

test('slots are neither lost nor made, and parties that want them come near their shares', () => {
  const some = fc.array(fc.record({ job: fc.constantFrom('a', 'b', 'c'), has: fc.nat(40), wants: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 100 }), (specs, slots) => {
      const declared = [paceLimit(slots, minute)];
      const parties = Object.fromEntries(
        specs.map(({ job, has, wants }, index) => {
          const most = Math.floor(slots / specs.length);
          return [`p${index}`, party(job, { declared, has: [Math.min(has, most)], wishes: [wants ? 'more' : 'none'] })];
        }),
      );
      const names = Object.keys(parties);
      const end = exchange(budget(parties), [...names, ...names, ...names]);
      expect(total(end)).toBe(slots);
      const shares = fairShares(end, 0);
      for (const [name, share] of shares)
        expect(end.parties[name]!.has[0]!).toBeGreaterThanOrEqual(share > 1 ? share - Math.max(1, share * 0.02) : share);
    }),
  );
});

describe('a share', () => {
  test('is that of the job, however many parties work on it', () => {
    const shares = fairShares(budget({ one: party('a'), two: party('b'), three: party('b') }), 0);
    expect([...shares.values()]).toEqual([50, 25, 25]);
  });

  test('is larger for who is waited for in person', () => {
    const shares = fairShares(budget({ one: party('a'), two: party('b', { wishes: ['urgent'] }) }), 0);
    expect(shares.get('two')).toBe(80);
  });

  test('is no more than what there is use for; the others divide what is left', () => {
    const shares = fairShares(budget({ one: party('a', { wants: [10] }), two: party('b'), three: party('b', { wants: [20] }) }), 0);
    expect([...shares]).toEqual(
      expect.arrayContaining([
        ['one', 10],
        ['two', 70],
        ['three', 20],
      ]),
    ); // prettier-ignore
  });

  test('of who wants no more is what it has used: the rest is given to who lacks it', () => {
    const idle = party('a', { has: [100], used: [3], wishes: ['none'] });
    const end = exchange(budget({ idle, two: party('a') }), ['two', 'idle', 'two']);
    expect([end.parties['idle']!.has, end.parties['two']!.has]).toEqual([[3], [97]]);
  });

  test('of what cannot be divided goes to who has waited longest', () => {
    const declared = [paceLimit(1, minute)];
    const shares = fairShares(budget({ one: party('a', { declared, usedAt: 500 }), two: party('b', { declared, usedAt: 100 }) }), 0);
    expect([shares.get('one'), shares.get('two')]).toEqual([0, 1]);
  });
});

describe('the slots of a party that is dead', () => {
  const heardAt = now - silentForMs;
  const after = (used: number): Budget => {
    const dead = party('a', { heardAt, has: [30], used: [used] });
    return asOfNow({ ...budget({ one: party('b') }), parties: { one: party('b'), dead } }, now);
  };

  test('come back as if those that it had used were used at the last moment', () => {
    expect(Object.keys(after(30).parties)).toEqual(['one']);
    expect(after(30).free[0]).toContainEqual([heardAt + stopsUsingAfterMs + minute, 30]);
    expect(total(after(30))).toBe(100);
  });

  test('are ready where it cannot have used them since it was heard last', () => {
    expect(after(0).free[0]).toContainEqual([heardAt + stopsUsingAfterMs + minute, 6]); // its share of the burst, four seconds, and one
    expect(total(after(0))).toBe(100);
  });
});

test('the strictest of what jobs declare of the same target holds', () => {
  const { limits } = budget({ one: party('a'), two: party('b', { declared: [paceLimit(50, minute), paceLimit(4, 0)] }) });
  expect(limits.map(({ slots, perMs }) => [slots, perMs])).toEqual([
    [4, 0],
    [50, minute],
  ]);
});

test('what was used stays used when a declaration changes nothing of the limit', () => {
  const first = budget({ one: party('a') });
  const used: Budget = { ...first, free: [[[now + 5_000, 100]]] };
  expect(asOfNow({ ...used, parties: { two: party('b') } }, now).free).toEqual([[[now + 5_000, 100]]]);
});

describe('people are told', () => {
  test('nothing while nobody waits', () => {
    expect(paceReport(budget({ one: party('a', { waiting: 0 }) }), 'a', now)).toBeNull();
    expect(paceReport(budget({ one: party('a') }), 'b', now)).toBeNull();
  });

  test('how much is used by all, and of what', () => {
    const report = paceReport(budget({ one: party('a', { used: [60] }), two: party('b', { used: [37] }) }), 'a', now);
    expect(report).toMatchObject({ limits: [{ slots: 100, used: 97 }], learned: null, pausedUntil: null, waiting: 1 });
  });

  test('until when the target wants to be left alone, and what it announced', () => {
    const known = {
      ...budget({ one: party('a', { declared: [], waiting: 0 }) }),
      learned: announced(60, minute, now),
      pausedUntil: now + 30_000,
    };
    expect(paceReport(known, 'a', now)).toMatchObject({
      limits: [{ slots: 60, perMs: minute }],
      learned: 'announced',
      pausedUntil: now + 30_000,
    });
  });
});

describe('an administrator is told of a target', () => {
  const learned = announced(60, minute, now);
  const hour = 3_600_000;

  test('what it allows and how that is known, what is used, who waits and how often it refused', () => {
    const known = asOfNow({ ...budget({ one: party('a', { used: [60], waiting: 3 }), two: party('b', { used: [20], waiting: 9 }) }) }, now);
    const told = withAnswers(withAnswers(known, 'a', { taken: 90, refused: 1 }, now), 'b', { taken: 9, refused: 0 }, now);
    expect(rateReport(told, 'a', now)).toMatchObject({
      limits: [{ slots: 100, used: 80, from: 'declared' }],
      waiting: 3,
      taken: 99,
      refused: 1,
      pausedUntil: null,
    });
    expect(rateReport(told, 'c', now)).toBeNull();
  });

  test('the same when nobody is at work, for a day', () => {
    const rests = { ...withAnswers({ ...budget({ one: party('a') }), learned }, 'a', { taken: 5, refused: 5 }, now), parties: {} };
    const { limits } = asOfNow({ ...rests, parties: { one: party('a', { declared: [paceLimit(9, 0)] }) } }, now);
    const report = (at: number) => rateReport({ ...rests, limits }, 'a', at);
    expect(report(now + hour)).toMatchObject({
      limits: [
        { slots: 9, used: 0, from: 'declared' },
        { slots: 60, used: 0, from: 'announced' },
      ],
      waiting: 0,
      refused: 5,
    });
    expect(report(now + 25 * hour)).toMatchObject({ limits: [{ slots: 9 }], taken: 0, refused: 0 });
  });

  test('nothing while it has refused nothing and nothing is known of its limits', () => {
    const quiet = withAnswers(emptyBudget, 'a', { taken: 0, refused: 0 }, now);
    expect(rateReport(quiet, 'a', now)).toBeNull();
    expect(rateReport(withAnswers(quiet, 'a', { taken: 0, refused: 1 }, now), 'a', now)).toMatchObject({ limits: [], refused: 1 });
  });

  test('of what was told in the last hours nothing is counted twice, and what is older is not kept', () => {
    let told = emptyBudget;
    for (let each = 0; each < 60; each++) told = withAnswers(told, 'a', { taken: 1, refused: 0 }, now + each * (hour / 2));
    expect(told.answers).toHaveLength(24);
    expect(told.answers!.every(([, taken]) => taken === 2)).toBe(true);
  });
});
