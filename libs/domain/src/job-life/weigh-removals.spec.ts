import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { JobDefinition } from '../job/job-definition.js';
import { isAccountedFor, resultOf } from './outcomes.js';
import { type RemovalCounts, removalKinds } from './removal-kind.js';
import { type RemovalLimits, heldKinds, weighGroup, weighRemovals } from './weigh-removals.js';

const limits = JobDefinition.shape.thresholds.parse({}).removals;
const held = (kinds: RemovalCounts, linked: number, given: RemovalLimits = limits): string[] =>
  weighRemovals({ kinds }, { linked }, given).map(({ text }) => text);

test.each([
  [0, 0, 'release'],
  [0, 1_000, 'release'],
  [5, 5, 'release'],
  [6, 6, 'hold'],
  [6, 30, 'release'],
  [7, 30, 'hold'],
  [20, 100, 'release'],
  [21, 100, 'hold'],
  [500, 100_000, 'release'],
  [501, 100_000, 'hold'],
  [6, 0, 'hold'],
])('%d removals of %d linked accounts: %s', (proposed, linked, decision) =>
  expect(held({ disable: proposed }, linked).length > 0 ? 'hold' : 'release').toBe(decision),
);

test('accounts that are disabled and deleted are weighed together, as the general limits always were', () => {
  expect(held({ disable: 3, delete: 2 }, 10)).toEqual([]);
  expect(held({ disable: 3, delete: 3 }, 10)).toEqual(['6 of 10 accounts, limit 20 %']);
  expect(held({ disable: 501 }, 100_000)).toEqual(['501 accounts, limit 500']);
});

test('a limit of nothing holds the first removal', () => {
  expect(held({ delete: 1 }, 1_000, { ...limits, count: 0, percent: 100, atLeast: 0 })).toEqual(['1 accounts, limit 0']);
});

describe('limits of one kind', () => {
  const deletes = { ...limits, deletes: { count: 2 } };

  test('hold that kind alone', () => {
    const guards = weighRemovals({ kinds: { disable: 4, delete: 3 } }, { linked: 1_000 }, deletes);
    expect(guards).toEqual([
      { guard: 'deletes', kinds: ['delete'], proposed: 3, of: 1_000, limit: 2, unit: 'count', text: '3 accounts to delete, limit 2' },
    ]);
  });

  test('leave to the general ones what they do not say', () => {
    const share = { ...limits, disables: { percent: 1 } };
    expect(held({ disable: 5 }, 100, share)).toEqual([]);
    expect(held({ disable: 6 }, 100, share)).toEqual(['6 of 100 accounts to disable, limit 1 %']);
  });
});

describe('members that leave groups', () => {
  const leaving = (members: number, inGroups: number, kinds: RemovalCounts = { membership: 1 }, given: RemovalLimits = limits) =>
    weighRemovals({ kinds, members, worstGroup: { removed: 14, of: 52 } }, { linked: 10, members: inGroups }, given);

  test('are weighed against all memberships', () => {
    expect(leaving(20, 100)).toEqual([]);
    expect(leaving(21, 100)).toMatchObject([{ guard: 'memberships', text: '21 of 100 memberships, limit 20 %' }]);
    expect(leaving(501, 1_000_000)).toMatchObject([{ guard: 'memberships', unit: 'count', text: '501 memberships, limit 500' }]);
  });

  test('hold the groups that lose more than their share, and no other', () => {
    const guards = leaving(14, 10_000, { membership: 3, 'group-membership': 1 }, { ...limits, memberships: { percent: 10 } });
    expect(guards).toEqual([
      {
        guard: 'group',
        kinds: ['group-membership'],
        proposed: 14,
        of: 52,
        limit: 10,
        unit: 'percent',
        text: '14 of 52 members, limit 10 %',
      },
    ]);
  });

  test.each([
    [5, 5, false],
    [6, 30, false],
    [6, 29, true],
    [100_000, 1_000_000, false],
  ])('%d of %d members of a group are too many: %s', (removed, of, over) =>
    expect(weighGroup({ removed, of }, limits)).toEqual({ removed, of, over }),
  );

  test('say nothing of accounts, nor accounts of them', () => {
    expect([...heldKinds(leaving(600, 600, { disable: 1, membership: 2 }))]).toEqual(['membership']);
    expect([...heldKinds(weighRemovals({ kinds: { disable: 9, membership: 1 }, members: 1 }, { linked: 9, members: 9 }, limits))]).toEqual([
      'disable',
    ]);
  });
});

describe('a source that has shrunk', () => {
  const shrunk = (gone: number, known: number, given: RemovalLimits = limits) =>
    weighRemovals({ kinds: { delete: 1, membership: 1 } }, { linked: 1_000, shrunk: [{ type: 'user', gone, known }] }, given);

  test('holds every removal, however few of the gone had an account', () => {
    expect(shrunk(20, 100)).toEqual([]);
    expect(shrunk(21, 100)).toMatchObject([
      { guard: 'source', kinds: ['delete', 'membership'], text: '21 of 100 users gone from the source, limit 20 %' },
    ]);
  });

  test('has a limit of its own', () => {
    expect(shrunk(300, 1_000, { ...limits, source: { percent: 30 } })).toEqual([]);
    expect(shrunk(11, 100, { ...limits, source: { percent: 10 } })).toMatchObject([{ limit: 10, unit: 'percent' }]);
    expect(shrunk(600, 100_000)).toEqual([]);
    expect(shrunk(21_000, 100_000)).toMatchObject([{ text: '21,000 of 100,000 users gone from the source, limit 20 %' }]);
  });
});

test('whatever is proposed, what is held is proposed, and nothing is held where nothing is too much', () => {
  const counts = fc.record(Object.fromEntries(removalKinds.map((kind) => [kind, fc.nat(50)])));
  const share = { count: 10_000, percent: 100, atLeast: 0 };
  fc.assert(
    fc.property(counts, fc.nat(100), (kinds, linked) => {
      for (const kind of heldKinds(weighRemovals({ kinds }, { linked }, limits))) expect(kinds[kind]).toBeGreaterThan(0);
      const { 'group-membership': _, ...ordinary } = kinds;
      expect(weighRemovals({ kinds: ordinary }, { linked: 1_000 }, share)).toEqual([]);
    }),
  );
});

const tally = { created: 1, updated: 2, disabled: 3, deleted: 4, skipped: 5, unchanged: 6, escrowed: 7, held: 8 };

test('a cycle is accounted for when every imported object has its outcome', () => {
  expect([35, 36, 37].map((imported) => isAccountedFor(tally, imported))).toEqual([false, true, false]);
});

test('a cycle ends as its import and its objects did', () => {
  const completed = { import: { state: 'completed' as const, imported: 36, linked: 0 } };
  const failed = {
    import: { state: 'failed' as const, imported: 0, failure: { kind: 'unavailable' as const, code: 'timeout', message: '' } },
  };
  expect([resultOf(completed, tally), resultOf(completed, { escrowed: 0 }), resultOf(failed, { escrowed: 0 })]).toEqual([
    'entry-level-errors',
    'succeeded',
    'failed',
  ]);
});
