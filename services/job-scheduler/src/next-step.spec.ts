import { describe, expect, test } from '@jest/globals';
import { CycleClosed, CycleOpened, JobDisabled, JobQuarantined, JobRecovered, RemovalsHeld, RemovalsReleased } from '@provident/contracts';
import { type Failure, type JobFact, type JobId, type Outcomes, asCycleId, asJobId, isoOf } from '@provident/domain';
import { fact, job, lifeAfter } from '@provident/domain/testing';

import { type CycleCount, nothingCounted } from './cycle-count.js';
import { type JobState, nextStep } from './next-step.js';

const jobId: JobId = asJobId('people-to-app');
const one = asCycleId('c-1');
const two = asCycleId('c-2');
const fresh = asCycleId('c-new');
const minute = 60_000;
const outage: Failure = { kind: 'unavailable', code: 'timeout', message: 'no answer' };
const thresholds = { removals: { count: 500, percent: 20, atLeast: 5 } };

const configured = fact(1, 'job-configured', { revision: 1, definition: job({ schedule: { every: '10m' }, thresholds }) });
const opened = (cycleId = one, atMs = 10, kind: 'initial' | 'incremental' = 'initial') =>
  fact(atMs, 'cycle-opened', { cycleId, kind, rules: 1 });
type Weighed = { members: number; shrunk: { type: string; gone: number; known: number }[] };
const imported = (count: number, { cycleId = one, linked = 100, weighed = undefined as Weighed | undefined } = {}) =>
  fact(20, 'import-completed', { cycleId, watermark: { at: 20 }, imported: count, linked, weighed });
const importFailed = (count: number, cycleId = one, failure = outage) => fact(20, 'import-failed', { cycleId, imported: count, failure });
const closed = (cycleId = one, result: 'succeeded' | 'failed' = 'succeeded') => fact(30, 'cycle-closed', { cycleId, result });
const held = (cycleId: typeof one, proposed: number, until: 'person' | 'import') =>
  fact(25, 'removals-held', { cycleId, proposed, linked: 100, threshold: 'too many', until });
const quarantined = (nextAttemptAtMs: number) =>
  fact(30, 'job-quarantined', {
    reason: 'connection',
    failure: outage,
    beganAt: isoOf(5),
    count: 1,
    nextAttemptAt: isoOf(nextAttemptAtMs),
  });

/** A count in which so many objects were evaluated; those without an outcome are still on their way. */
const count = (evaluated: number, outcomes: Partial<Outcomes> = {}, more: Partial<CycleCount> = {}): CycleCount => ({
  ...nothingCounted,
  evaluated,
  ...more,
  outcomes: { ...nothingCounted.outcomes, ...outcomes },
});

/** What the scheduler says next: type and data of each word. */
function said(facts: readonly JobFact[], state: Partial<JobState> = {}, nowMs = 1_000) {
  const whole: JobState = { jobId, life: lifeAfter(configured, ...facts), count: nothingCounted, read: 0, isDecided: false, ...state };
  return nextStep(whole, nowMs, fresh).map(({ definition, data }) => [definition.type, data as Record<string, unknown>] as const);
}
const types = (...args: Parameters<typeof said>): string[] => said(...args).map(([type]) => type);

describe('the quarantine for removals that wait', () => {
  const forRemovals = fact(26, 'job-quarantined', {
    reason: 'too-many-removals',
    failure: outage,
    beganAt: isoOf(5),
    count: 1,
    nextAttemptAt: isoOf(60 * minute),
  });

  test('ends by itself once none of them waits any more', () => {
    const facts = [opened(), imported(0), forRemovals, closed()];
    expect(said(facts)).toEqual([[JobRecovered.type, { jobId, by: { kind: 'system', name: 'provident' }, quarantinedAt: isoOf(5) }]]);
    expect(types([...facts, fact(40, 'job-recovered', { by: { kind: 'system' } })])).toEqual([]);
  });

  test('stays while one waits, or while it is there for another reason', () => {
    expect(types([opened(), imported(0), held(one, 1, 'person'), forRemovals, closed()])).toEqual([]);
    expect(types([opened(), imported(0), quarantined(60 * minute), closed()])).toEqual([]);
  });
});

describe('a cycle opens', () => {
  test('when it is due, and not before', () => {
    const after = [opened(), imported(0), closed()];
    expect(types([])).toEqual([CycleOpened.type]);
    expect(types(after, {}, 10 + 10 * minute - 1)).toEqual([]);
    expect(said(after, {}, 10 + 10 * minute)).toEqual([
      [
        CycleOpened.type,
        { jobId, cycleId: fresh, kind: 'incremental', rules: 1, watermark: { at: 20 }, by: { kind: 'system', name: 'provident' } },
      ],
    ]);
  });

  test('never while another is open', () => expect(types([opened()], {}, 1_000 * minute)).toEqual([]));
  test('not while the job is stopped', () => expect(types([fact(2, 'job-state-changed', { state: 'stopped' })])).toEqual([]));
  test('not while the job is paused', () => expect(types([fact(2, 'job-state-changed', { state: 'paused' })])).toEqual([]));

  test('later while the job is in quarantine', () => {
    const facts = [opened(), importFailed(0), closed(one, 'failed'), quarantined(60 * minute)];
    expect([types(facts, {}, 59 * minute), types(facts, {}, 60 * minute)]).toEqual([[], [CycleOpened.type]]);
  });
});

describe('a cycle closes', () => {
  test('when every imported object has its outcome', () => {
    const facts = [opened(), imported(4)];
    expect(types(facts, { count: count(4, { created: 2, skipped: 1 }) })).toEqual([]);
    expect(said(facts, { count: count(4, { created: 2, skipped: 1, escrowed: 1 }), read: 9 })).toEqual([
      [
        CycleClosed.type,
        {
          jobId,
          cycleId: one,
          kind: 'initial',
          result: 'entry-level-errors',
          tally: { read: 9, imported: 4, created: 2, updated: 0, disabled: 0, deleted: 0, skipped: 1, unchanged: 0, escrowed: 1, held: 0 },
          openedAt: isoOf(10),
          failure: null,
        },
      ],
    ]);
  });

  test('when nothing was imported at all', () => expect(said([opened(), imported(0)])[0]?.[1]).toMatchObject({ result: 'succeeded' }));

  test('not while its import is running, whatever is accounted for', () => {
    expect(types([opened()], { count: count(4, { created: 4 }) })).toEqual([]);
  });

  test('not when there are more outcomes than objects', () => {
    expect(types([opened(), imported(1)], { count: count(2, { created: 2 }) })).toEqual([]);
  });

  test('as failed when its import failed, once what was imported before that is accounted for', () => {
    const facts = [opened(), importFailed(2)];
    expect(types(facts, { count: count(2, { created: 1 }) })).toEqual([]);
    expect(said(facts, { count: count(2, { created: 2 }) })[0]?.[1]).toMatchObject({
      result: 'failed',
      failure: outage,
      tally: { imported: 2 },
    });
  });
});

describe('removals', () => {
  const proposing = (proposed: number, outcomes: Partial<Outcomes> = {}) =>
    count(proposed, { held: proposed, ...outcomes }, { removals: { disable: proposed } });

  test('are decided upon before the cycle closes, when all objects were evaluated', () => {
    const facts = [opened(), imported(5)];
    expect(types(facts, { count: { ...proposing(5), evaluated: 4 } })).toEqual([]);
    expect(said(facts, { count: proposing(5) })).toEqual([
      [RemovalsReleased.type, { jobId, cycleId: one, proposed: 5, by: { kind: 'system', name: 'provident' }, waited: false }],
    ]);
  });

  test('are held for a person when they are more than the threshold allows', () => {
    expect(said([opened(), imported(30)], { count: proposing(30) })).toEqual([
      [
        RemovalsHeld.type,
        expect.objectContaining({
          cycleId: one,
          proposed: 30,
          linked: 100,
          threshold: '30 of 100 accounts, limit 20 %',
          until: 'person',
          kinds: { disable: 30 },
          guards: [expect.objectContaining({ guard: 'removals', proposed: 30, of: 100, limit: 20, unit: 'percent' })],
        }),
      ],
      [JobQuarantined.type, expect.objectContaining({ reason: 'too-many-removals' })],
    ]);
  });

  test('that are held let the cycle close, and show in its tally', () => {
    const [[type, data] = []] = said([opened(), imported(30), held(one, 30, 'person')], { count: proposing(30), isDecided: true });
    expect([type, data]).toEqual([
      CycleClosed.type,
      expect.objectContaining({ result: 'succeeded', tally: expect.objectContaining({ held: 30 }) }),
    ]);
  });

  test('that are released keep the cycle open until the last of them is done', () => {
    const facts = [opened(), imported(3), fact(25, 'removals-released', { cycleId: one })];
    expect(types(facts, { count: count(3, { held: 1, disabled: 2 }, { removals: { disable: 3 } }), isDecided: true })).toEqual([]);
    expect(types(facts, { count: count(3, { disabled: 2, escrowed: 1 }, { removals: { disable: 3 } }), isDecided: true })).toEqual([
      CycleClosed.type,
    ]);
  });

  test('that were sent back keep the cycle open until they are decided anew', () => {
    const facts = [opened(), imported(2), fact(25, 'removals-released', { cycleId: one })];
    expect(types(facts, { count: count(2, { disabled: 1 }, { removals: { disable: 2 } }), isDecided: true })).toEqual([]);
  });

  test('of a failed import wait for the next complete one, however few they are', () => {
    const facts = [opened(), importFailed(2)];
    expect(said(facts, { count: proposing(2) })).toMatchObject([[RemovalsHeld.type, { cycleId: one, proposed: 2, until: 'import' }]]);
    expect(types([...facts, held(one, 2, 'import')], { count: proposing(2), isDecided: true })[0]).toBe(CycleClosed.type);
  });

  describe('of several kinds', () => {
    const removals = { disable: 2, membership: 3, 'group-membership': 1 } as const;
    const mixed = count(6, { held: 6 }, { removals, members: 20, worstGroup: { removed: 14, of: 52 } });
    const scales = { weighed: { members: 1_000, shrunk: [] } };

    test('are done but for those that a guard holds, which the hold tells of', () => {
      expect(said([opened(), imported(6, scales)], { count: mixed }).slice(0, 2)).toEqual([
        [RemovalsReleased.type, expect.objectContaining({ proposed: 5, kinds: ['disable', 'membership'], waited: false })],
        [
          RemovalsHeld.type,
          expect.objectContaining({ proposed: 1, kinds: { 'group-membership': 1 }, threshold: '14 of 52 members, limit 20 %' }),
        ],
      ]);
    });

    test('keep the cycle open until all but the held ones are done', () => {
      const facts = [
        opened(),
        imported(6, scales),
        fact(25, 'removals-released', { cycleId: one, proposed: 5, kinds: ['disable', 'membership'] }),
        held(one, 1, 'person'),
      ];
      const under = (outcomes: Partial<Outcomes>) => types(facts, { count: count(6, outcomes, { removals }), isDecided: true });
      expect(under({ disabled: 2, updated: 2, held: 2 })).toEqual([]);
      expect(under({ disabled: 2, updated: 3, held: 1 })).toEqual([CycleClosed.type]);
    });

    test('all wait when the source has shrunk too much', () => {
      const shrunk = { weighed: { members: 1_000, shrunk: [{ type: 'user', gone: 60, known: 200 }] } };
      const [[type, data] = []] = said([opened(), imported(6, shrunk)], { count: mixed });
      expect([type, data]).toEqual([RemovalsHeld.type, expect.objectContaining({ proposed: 6, kinds: removals })]);
    });
  });

  describe('carried over from a failed import', () => {
    const carried = (proposed: number) => [
      opened(),
      importFailed(proposed),
      held(one, proposed, 'import'),
      closed(one, 'failed'),
      opened(two, 40, 'incremental'),
    ];

    test('are released with those of the next complete one when together they are few enough', () => {
      expect(said([...carried(3), imported(2, { cycleId: two })], { count: proposing(2) })).toMatchObject([
        [RemovalsReleased.type, { cycleId: one, proposed: 3 }],
        [RemovalsReleased.type, { cycleId: two, proposed: 2 }],
      ]);
    });

    test('are held with them when together they are too many', () => {
      expect(said([...carried(15), imported(15, { cycleId: two })], { count: proposing(15) })).toMatchObject([
        [RemovalsHeld.type, { cycleId: one, proposed: 15, until: 'person' }],
        [RemovalsHeld.type, { cycleId: two, proposed: 15, until: 'person' }],
        [JobQuarantined.type, { failure: { message: expect.stringContaining('30 removals') } }],
      ]);
    });

    test('are decided upon also when the next proposes none', () => {
      const [first, ...others] = said([...carried(3), imported(0, { cycleId: two })]);
      expect([first, others]).toEqual([[RemovalsReleased.type, expect.objectContaining({ cycleId: one, proposed: 3 })], []]);
    });

    test('wait on while the next fails too, and are weighed with all that came together', () => {
      const facts = [...carried(3), importFailed(2, two)];
      expect(said(facts, { count: proposing(2) })).toMatchObject([[RemovalsHeld.type, { cycleId: two, proposed: 2, until: 'import' }]]);
      const third = asCycleId('c-3');
      const later = [...facts, held(two, 2, 'import'), closed(two, 'failed'), opened(third, 50), imported(0, { cycleId: third })];
      expect(said(later).map(([type, data]) => [type, data['cycleId']])).toEqual([
        [RemovalsReleased.type, one],
        [RemovalsReleased.type, two],
      ]);
    });
  });

  test('that wait for a person since an earlier cycle are not decided by a later one', () => {
    const facts = [
      opened(),
      imported(30),
      held(one, 30, 'person'),
      closed(),
      opened(two, 40, 'incremental'),
      imported(0, { cycleId: two }),
    ];
    expect(types(facts)).toEqual([CycleClosed.type]);
  });
});

describe('the job', () => {
  const refused: Failure = { kind: 'unauthorized', code: 'http-401', message: 'who are you?' };

  test('goes into quarantine at once when the credentials are bad', () => {
    const words = said([opened(), importFailed(0, one, refused)]);
    expect(words.map(([type]) => type)).toEqual([CycleClosed.type, JobQuarantined.type]);
    expect(words[1]![1]).toMatchObject({ reason: 'connection', failure: refused, count: 1, nextAttemptAt: isoOf(1_000 + 10 * minute) });
  });

  test('goes into quarantine when the target refused its writes', () => {
    const facts = count(3, { escrowed: 3 }, { connectionFailures: { unauthorized: 3 } });
    expect(types([opened(), imported(3)], { count: facts })).toEqual([JobQuarantined.type]); // at once, and the cycle closes next
  });

  test('goes into quarantine when too many of its objects failed', () => {
    const words = said([opened(), imported(40)], { count: count(40, { escrowed: 30, created: 10 }) });
    expect(words[1]).toMatchObject([JobQuarantined.type, { reason: 'failure-proportion' }]);
  });

  test('survives one outage and goes into quarantine with the second in a row', () => {
    expect(types([opened(), importFailed(0)])).toEqual([CycleClosed.type]);
    expect(types([opened(), importFailed(0), closed(one, 'failed'), opened(two, 40), importFailed(0, two)])).toEqual([
      CycleClosed.type,
      JobQuarantined.type,
    ]);
  });

  test('recovers with the first cycle that does not fail', () => {
    const words = said([opened(), importFailed(0), closed(one, 'failed'), quarantined(50), opened(two, 60), imported(0, { cycleId: two })]);
    expect(words.map(([type]) => type)).toEqual([CycleClosed.type, JobRecovered.type]);
    expect(words[1]![1]).toEqual({ jobId, by: { kind: 'system', name: 'provident' }, quarantinedAt: isoOf(5) });
  });
});

test('what is said twice from the same state has the same ids', () => {
  const state = { count: count(30, { held: 30 }, { removals: { disable: 30 } }) };
  const whole = (): string[] =>
    nextStep({ jobId, life: lifeAfter(configured, opened(), imported(30)), read: 0, isDecided: false, ...state }, 1_000, fresh).map(
      ({ id }) => id,
    );
  expect(whole()).toEqual(whole());
  expect(new Set(whole()).size).toBe(2);
});

describe('a job in quarantine', () => {
  const inQuarantine = [opened(), importFailed(0), closed(one, 'failed'), quarantined(60 * minute)];
  const day = 24 * 60 * minute;

  test('tries a cycle before its time once its systems let us in again', () => {
    expect(types(inQuarantine, { isReachable: true }, 31 * minute)).toEqual([CycleOpened.type]);
    expect(types([...inQuarantine, opened(two, 40)], { isReachable: true }, 31 * minute)).toEqual([]);
  });

  test('is disabled after 28 days, and runs no more', () => {
    const disabled = said(inQuarantine, {}, 28 * day + 5);
    expect(disabled).toEqual([[JobDisabled.type, { jobId, reason: 'connection', failure: outage, quarantinedAt: isoOf(5) }]]);
    expect(types([...inQuarantine, fact(31, 'job-disabled', {})], {}, 99 * day)).toEqual([]);
    expect(types([...inQuarantine, opened(two, 40)], {}, 28 * day + 5)).toEqual([]);
  });
});

describe('credentials that the target refuses in the middle of a cycle', () => {
  const refusals = count(3, { escrowed: 3 }, { connectionFailures: { unauthorized: 3 } });
  const facts = [opened(), imported(9)];
  const known = fact(500, 'job-quarantined', {
    reason: 'connection',
    failure: outage,
    beganAt: isoOf(500),
    count: 1,
    nextAttemptAt: isoOf(60 * minute),
  });

  test('put the job in quarantine at once', () => {
    const [[type, data] = []] = said(facts, { count: refusals });
    expect([type, data]).toMatchObject([JobQuarantined.type, { reason: 'connection', count: 1, failure: { kind: 'unauthorized' } }]);
  });

  test('do so no more once a person has lifted the quarantine: the next cycle tells whether they are mended', () => {
    const lifted = [...facts, known, fact(600, 'job-recovered', { by: { kind: 'user' } })];
    expect(types(lifted, { count: refusals })).toEqual([]);
    const all = count(9, { escrowed: 3, created: 6 }, { connectionFailures: { unauthorized: 3 } });
    expect(types(lifted, { count: all })).toEqual([CycleClosed.type]);
    const next = [...lifted, closed(), opened(two, 700, 'incremental'), imported(9, { cycleId: two })];
    expect(types(next, { count: refusals })).toEqual([JobQuarantined.type]);
  });

  test('and only once: the end of the cycle finds them again and does not count them', () => {
    expect(types([...facts, known], { count: refusals })).toEqual([]);
    const all = count(9, { escrowed: 9 }, { connectionFailures: { unauthorized: 9 } });
    expect(said([...facts, known], { count: all })).toMatchObject([
      [CycleClosed.type, {}],
      [JobQuarantined.type, { count: 1, beganAt: isoOf(500) }],
    ]);
  });
});

describe('removals that are held for a person', () => {
  const facts = [opened(), imported(30)];
  const proposed = count(30, { held: 30 }, { removals: { disable: 30 } });

  test('put the job in quarantine, which a good cycle does not end', () => {
    const [heldNow, quarantine] = said(facts, { count: proposed });
    expect(heldNow![0]).toBe(RemovalsHeld.type);
    expect(quarantine).toMatchObject([
      JobQuarantined.type,
      { reason: 'too-many-removals', failure: { message: expect.stringContaining('30 removals are held') } },
    ]);
    const waiting = fact(26, 'job-quarantined', quarantine![1] as never);
    expect(types([...facts, held(one, 30, 'person'), waiting], { count: proposed, isDecided: true })).toEqual([CycleClosed.type]);
  });

  test('do not hide that the connection is broken', () => {
    const refused = { ...outage, kind: 'unauthorized' as const };
    const broken = fact(26, 'job-quarantined', {
      jobId,
      reason: 'connection',
      failure: refused,
      beganAt: isoOf(500),
      count: 1,
      nextAttemptAt: isoOf(9_000),
    } as never);
    expect(types([...facts, broken], { count: proposed })).toEqual([RemovalsHeld.type]);
  });
});
