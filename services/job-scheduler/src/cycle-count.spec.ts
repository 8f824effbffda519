import { describe, expect, test } from '@jest/globals';
import { type Brief, type BriefOutcome, type Failure, briefOf } from '@provident/contracts';
import * as fc from 'fast-check';
import { type Outcomes, asCycleId, countOf } from '@provident/domain';

import { type CycleCount, connectionFailureOf, countBrief, nothingCounted } from './cycle-count.js';

type Told = readonly [outcome: BriefOutcome, more?: Partial<Brief> & { byRules?: boolean }];

const brief = (outcome: BriefOutcome, more: Partial<Brief> = {}): Brief => ({
  cycleId: asCycleId('c-1'),
  attempt: 0,
  round: 0,
  failure: '-',
  ...more,
  outcome,
});
const rulesSay: ReadonlySet<BriefOutcome> = new Set([
  'proposed',
  'proposed-disable',
  'proposed-delete',
  'proposed-membership',
  'proposed-group-membership',
  'skip',
  'unchanged',
]);
const counted = (...told: Told[]): CycleCount =>
  told.reduce(
    (count, [outcome, { byRules = rulesSay.has(outcome), ...more } = {}]) => countBrief(count, brief(outcome, more), byRules),
    nothingCounted,
  );
/** The outcomes that are not zero. */
const outcomes = (...told: Told[]): Partial<Outcomes> =>
  Object.fromEntries(Object.entries(counted(...told).outcomes).filter(([, count]) => count !== 0));

describe('an object', () => {
  test.each<[string, Told[], Partial<Outcomes>]>([
    ['is not accounted for while its write is only proposed', [['proposed']], {}],
    ['is created', [['proposed'], ['create']], { created: 1 }],
    ['is updated', [['proposed'], ['update']], { updated: 1 }],
    ['is skipped', [['skip']], { skipped: 1 }],
    ['is unchanged', [['unchanged']], { unchanged: 1 }],
    ['fails by the rules', [['failed', { byRules: true, failure: 'missing-values' }]], { escrowed: 1 }],
    ['fails in the target', [['proposed'], ['failed', { failure: 'rejected' }]], { escrowed: 1 }],
    ['is held', [['proposed-disable'], ['held']], { held: 1 }],
    ['is held, then disabled', [['proposed-disable'], ['held'], ['disable']], { disabled: 1 }],
    ['is held, then deleted', [['proposed-disable'], ['held'], ['delete']], { deleted: 1 }],
    ['is held, then rejected by a person', [['proposed-disable'], ['held'], ['rejected']], { skipped: 1 }],
    ['is of members, held, then done', [['proposed-membership'], ['held'], ['membership']], { updated: 1 }],
    ['is held, then fails', [['proposed-disable'], ['held'], ['removal-failed', { failure: 'rejected' }]], { escrowed: 1 }],
    ['is held, then sent back', [['proposed-disable'], ['held'], ['removal-deferred']], {}],
    [
      'is held, sent back, and found to be as it should be',
      [['proposed-disable'], ['held'], ['removal-deferred'], ['unchanged', { round: 1 }]],
      { unchanged: 1 },
    ],
    ['is sent back', [['proposed'], ['deferred']], {}],
    [
      'is sent back twice, then updated',
      [
        ['proposed'],
        ['deferred'],
        ['proposed', { round: 1 }],
        ['deferred', { round: 1 }],
        ['proposed', { round: 2 }],
        ['update', { round: 2 }],
      ],
      { updated: 1 },
    ],
    [
      'is sent back, then fails by the rules',
      [['proposed'], ['deferred'], ['failed', { round: 1, byRules: true, failure: 'ambiguous-match' }]],
      { escrowed: 1 },
    ],
  ])('%s', (_, told, expected) => {
    expect(outcomes(...told)).toEqual(expected);
    expect(countOf(counted(...told).outcomes)).toBe(Object.keys(expected).length);
  });

  test('counts as evaluated once, in whatever rounds', () => {
    const told: Told[] = [
      ['proposed'],
      ['deferred'],
      ['proposed', { round: 1 }],
      ['create', { round: 1 }],
      ['skip'],
      ['failed', { byRules: true }],
      ['failed'],
    ];
    expect(counted(...told).evaluated).toBe(3);
  });

  test('that is to be removed counts as proposed once', () => {
    const told: Told[] = [['proposed-disable'], ['held'], ['removal-deferred'], ['proposed-disable', { round: 1 }], ['held', { round: 1 }]];
    expect(counted(...told)).toMatchObject({ evaluated: 1, removals: { disable: 1 }, outcomes: { held: 1 } });
  });

  test('counts in the cycle that took it up, and none of its retries does', () => {
    const retry = { attempt: 1 };
    expect(
      counted(
        ['proposed', retry],
        ['create', retry],
        ['failed', { ...retry, failure: 'unauthorized' }],
        ['proposed-disable', retry],
        ['held', retry],
      ),
    ).toEqual(nothingCounted);
  });

  test('is not counted by what is of no consequence', () => expect(counted(['other'])).toEqual(nothingCounted));
});

describe('a whole cycle', () => {
  /** What is told of one object, and how it counts in the end. */
  interface Story {
    readonly told: readonly Told[];
    readonly end: keyof Outcomes;
  }
  const then = (told: readonly Told[], { told: rest, end }: Story): Story => ({ told: [...told, ...rest], end });
  const ends = (...pairs: [BriefOutcome, keyof Outcomes][]): fc.Arbitrary<Story> =>
    fc.constantFrom(...pairs.map(([outcome, end]): Story => ({ told: [[outcome]], end })));
  const write = ends(['create', 'created'], ['update', 'updated'], ['failed', 'escrowed']).map((end) => then([['proposed']], end));
  const nothing = ends(['skip', 'skipped'], ['unchanged', 'unchanged']);
  const refused = fc.constant<Story>({ told: [['failed', { byRules: true }]], end: 'escrowed' });
  const removal = fc
    .tuple(
      fc.constantFrom<BriefOutcome>('proposed-disable', 'proposed-delete', 'proposed-membership', 'proposed-group-membership'),
      fc.oneof(
        fc.constant<Story>({ told: [], end: 'held' }),
        ends(
          ['disable', 'disabled'],
          ['delete', 'deleted'],
          ['membership', 'updated'],
          ['rejected', 'skipped'],
          ['withdrawn', 'skipped'],
          ['removal-failed', 'escrowed'],
        ),
      ),
    )
    .map(([proposed, end]) => then([[proposed], ['held']], end));
  const once = fc.oneof(write, nothing, refused, removal);
  /** In a later round: what was decided before was sent back. */
  const later = (told: readonly Told[], round: number): Told[] => told.map(([outcome, more]) => [outcome, { ...more, round }]);
  const sentBack = fc.tuple(fc.boolean(), once).map(([isRemoval, { told, end }]): Story => {
    const before: Told[] = isRemoval ? [['proposed-delete'], ['held'], ['removal-deferred']] : [['proposed'], ['deferred']];
    return { told: [...before, ...later(told, 1)], end };
  });
  const retried = fc.tuple(fc.oneof(once, sentBack), once).map(([{ told, end }, retry]): Story => {
    const words = retry.told.map(([outcome, more]): Told => [outcome, { ...more, attempt: 1 }]);
    return { told: [...told, ...words], end };
  });

  test('is accounted for, whatever becomes of its objects and in whatever order that is told', () => {
    const story = fc.oneof(once, sentBack, retried);
    fc.assert(
      fc.property(fc.array(story, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (stories, dice) => {
        const left = stories.map(({ told }) => [...told]);
        const order: Told[] = [];
        for (let open = left.filter((told) => told.length > 0); open.length > 0; open = left.filter((told) => told.length > 0))
          order.push(open[(dice.next().value as number) % open.length]!.shift()!);
        const count = counted(...order);
        const expected: Record<string, number> = {};
        for (const { end } of stories) expected[end] = (expected[end] ?? 0) + 1;
        expect(count.outcomes).toEqual({ ...nothingCounted.outcomes, ...expected });
        expect(countOf(count.outcomes)).toBe(stories.length);
        expect(count.evaluated).toBe(stories.length);
      }),
    );
  });
});

test.each<[string, string, Failure['kind'] | null, BriefOutcome]>([
  ['rule-evaluated', 'create', null, 'proposed'],
  ['rule-evaluated', 'update', null, 'proposed'],
  ['rule-evaluated', 'disable', null, 'proposed-disable'],
  ['rule-evaluated', 'delete', null, 'proposed-delete'],
  ['rule-evaluated', 'skip', null, 'skip'],
  ['rule-evaluated', 'unchanged', null, 'unchanged'],
  ['rule-evaluated', 'fail', 'ambiguous-match', 'failed'],
  ['object-exported', 'create', null, 'create'],
  ['object-exported', 'disable', null, 'disable'],
  ['export-failed', 'update', 'rejected', 'failed'],
  ['export-failed', 'delete', 'rejected', 'removal-failed'],
  ['removal-held', 'disable', null, 'held'],
  ['export-deferred', 'create', null, 'deferred'],
  ['export-deferred', 'disable', null, 'removal-deferred'],
  ['removal-withdrawn', 'none', null, 'withdrawn'],
])('in short, %s (%s) is %s: %s', (type, action, failure, outcome) => {
  const data = { cycleId: 'c-1', attempt: 0, round: 0, action, failure: failure && { kind: failure } };
  expect(briefOf(type, data)).toMatchObject({ outcome, failure: failure ?? '-' });
});

describe('the connection', () => {
  const failing = (kind: string, times: number): Told[] => Array.from({ length: times }, (): Told => ['failed', { failure: kind }]);

  test('is broken when the target refused the credentials of a single write, whatever else went through', () => {
    expect(connectionFailureOf(counted(['create'], ['create'], ...failing('unauthorized', 1)))).toMatchObject({
      kind: 'unauthorized',
      code: 'target-unauthorized',
    });
  });

  test.each(['unavailable', 'protocol', 'misconfigured', 'unknown-outcome'])(
    'is broken when no write went through and some were %s',
    (kind) => {
      expect(connectionFailureOf(counted(['skip'], ...failing(kind, 2)))).toMatchObject({
        kind,
        code: `target-${kind}`,
        message: expect.stringContaining('2 failed'),
      });
    },
  );

  test('is not broken when a write went through', () => {
    expect(connectionFailureOf(counted(['update'], ...failing('unavailable', 9)))).toBeNull();
    expect(connectionFailureOf(counted(['held'], ['disable'], ...failing('unavailable', 9)))).toBeNull();
  });

  test('is not broken by failures of the objects, nor by failures to import them', () => {
    expect(connectionFailureOf(counted(...failing('rejected', 9)))).toBeNull();
    expect(connectionFailureOf(counted(['failed', { failure: 'unavailable', byRules: true }]))).toBeNull();
    expect(connectionFailureOf(nothingCounted)).toBeNull();
  });

  test('is named by what was most', () => {
    expect(connectionFailureOf(counted(...failing('protocol', 2), ...failing('unavailable', 3)))?.kind).toBe('unavailable');
  });
});
