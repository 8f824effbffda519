import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Said } from '@provident/bus';
import {
  CycleOpened,
  JobConfigured,
  JobRecovered,
  JobRestarted,
  JobStateChanged,
  RemovalsRejected,
  RemovalsReleased,
  RetriesOrdered,
} from '@provident/contracts';
import { type JobFact, asCycleId, asJobId, isoOf } from '@provident/domain';
import { fact, job, lifeAfter, objectMapping } from '@provident/domain/testing';

import { nothingCounted } from '../cycle-count.js';
import { answerOrder } from './answer-order.js';
import type { Order } from './job-owners.js';
import type { OrderContext } from './order-context.js';

const jobId = asJobId('people-to-app');
const one = asCycleId('c-1');
const two = asCycleId('c-2');
const kim = { kind: 'user' as const, name: 'kim' };
const configured = fact(1, 'job-configured', { revision: 3, definition: job() });
const opened = fact(10, 'cycle-opened', { cycleId: one, kind: 'initial', rules: 1 });
const quarantined = fact(30, 'job-quarantined', {
  reason: 'connection',
  failure: { kind: 'unavailable', code: 'timeout', message: '' },
  beganAt: isoOf(5),
  count: 2,
  nextAttemptAt: isoOf(99),
});
const held = fact(25, 'removals-held', { cycleId: one, proposed: 30, linked: 100, threshold: 'too many', until: 'person' });
const paused = fact(2, 'job-state-changed', { state: 'paused' });

let said: Said[];
beforeEach(() => {
  said = [];
});

const context = (configuredBy: OrderContext['configured'], ...facts: JobFact[]) => ({
  state: { jobId, life: lifeAfter(configured, ...facts), count: nothingCounted, read: 0, isDecided: false },
  configured: configuredBy,
  say: async (words: readonly Said[]) => void said.push(...words),
  position: 1 + facts.length,
  newCycleId: () => asCycleId('c-new'),
});
const order = (name: Order['name'], payload: Record<string, unknown>, ...facts: JobFact[]) =>
  answerOrder({ name, payload: { jobId, by: kim, ...payload } }, context(null, ...facts));
const words = () => said.map(({ definition, data }) => [definition.type, data]);
const checked = (definition = job()) => ({ definition, baseDir: '/jobs', by: kim, systems: { source: 'HR', target: 'App' } });

describe('turning to another target', () => {
  const scim = (url: string, more = {}) => job({ target: { connector: 'scim', config: { url, ...more } } });
  const before = fact(1, 'job-configured', { revision: 3, definition: scim('https://old.example/scim/') });
  const imported = fact(11, 'import-completed', { cycleId: one, watermark: {}, imported: 5, linked: 0 });
  const apply = (definition: ReturnType<typeof job>, links?: string, ...facts: JobFact[]) =>
    order('apply', { configured: checked(definition), ...(links && { links }) }, before, ...facts);

  test('is refused until somebody says what becomes of the links', async () => {
    const answer = await apply(scim('https://new.example/scim'), undefined, opened, imported);
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('--forget-links'), issues: [{ path: ['target'] }] });
    expect(said).toEqual([]);
  });

  test('with its links forgotten restarts the job before the new rules count', async () => {
    expect(await apply(scim('https://new.example/scim'), 'forget', opened, imported)).toMatchObject({ ok: true });
    expect(words()).toMatchObject([
      [JobRestarted.type, { scopes: ['watermark', 'links'], otherTarget: true, by: kim }],
      [JobConfigured.type, { revision: 4 }],
    ]);
  });

  test.each([
    ['with its links kept', scim('https://new.example/scim'), 'keep', [opened, imported]],
    ['before anything was imported', scim('https://new.example/scim'), undefined, [opened]],
    ['by a slash at its end alone', scim('https://old.example/scim'), undefined, [opened, imported]],
    ['in how it signs in alone', scim('https://old.example/scim/', { auth: { bearer: { env: 'T' } } }), undefined, [opened, imported]],
  ])('%s is but a new revision', async (_, definition, links, facts) => {
    expect(await apply(definition, links, ...facts)).toMatchObject({ ok: true });
    expect(words().map(([type]) => type)).toEqual([JobConfigured.type]);
  });
});

describe('of what two configured', () => {
  const sam = { kind: 'user' as const, name: 'sam' };
  const apply = (payload: object, definition = job({ name: 'mine' })) =>
    answerOrder(
      { name: 'apply', payload: { configured: checked(definition), knownUntil: 1, ...payload } },
      context({ sequence: 1, by: sam }),
    );

  test.each([
    ['from another revision', { revision: 2 }, 'is at revision 3, by sam, and this was made from revision 2'],
    ['as a new job', { revision: 0 }, 'is at revision 3, by sam, and this was made for a new job'],
    ['before the other was known', { knownUntil: 0 }, 'was configured by sam at the same moment'],
  ])('the second is not written over the first: made %s', async (_, payload, why) => {
    expect(await apply(payload)).toMatchObject({
      ok: false,
      message: expect.stringContaining(why),
      issues: [],
      result: { state: 'active' },
    });
    expect(said).toEqual([]);
    // What both want is there.
    expect(await apply(payload, job())).toMatchObject({ ok: true, result: { revision: 3, changed: false } });
  });

  test('the second is taken when it was made from the first', async () => {
    for (const payload of [{ revision: 3 }, {}]) expect(await apply(payload)).toMatchObject({ ok: true, result: { revision: 4 } });
    expect(words().map(([type]) => type)).toEqual([JobConfigured.type, JobConfigured.type]);
  });
});

describe('restarting', () => {
  test('lets go of all but the links and held removals, and lifts pause and quarantine', async () => {
    expect(await order('restart', {}, paused, quarantined, held)).toMatchObject({
      ok: true,
      message: expect.stringContaining('a new initial cycle opens'),
    });
    expect(words()).toMatchObject([
      [JobStateChanged.type, { state: 'active' }],
      [JobRestarted.type, { scopes: ['quarantine', 'escrows', 'watermark'], otherTarget: false, by: kim }],
      [JobRecovered.type, { by: kim }],
    ]);
  });

  test.each([
    [['links'], ['watermark', 'links']],
    [['escrows'], ['escrows']],
    [
      ['removals', 'quarantine'],
      ['quarantine', 'removals'],
    ],
  ])('of %j restarts %j', async (scopes, done) => {
    await order('restart', { scopes }, held);
    expect(words().find(([type]) => type === JobRestarted.type)?.[1]).toMatchObject({ scopes: done });
    expect(words().some(([type]) => type === RemovalsReleased.type)).toBe(scopes.includes('removals'));
  });

  test('says that the open cycle ends first', async () => {
    expect((await order('restart', {}, opened)).message).toContain('when what the open one has imported is done');
  });
});

describe('stopping', () => {
  const stopped = fact(3, 'job-state-changed', { state: 'stopped' });

  test('is recorded once, of a paused job too, and says that the open cycle stays', async () => {
    expect(await order('stop', {}, paused, opened)).toMatchObject({ ok: true, message: expect.stringContaining('goes on where it was') });
    expect(words()).toEqual([[JobStateChanged.type, { jobId, state: 'stopped', by: kim }]]);
    said = [];
    expect(await order('stop', {}, stopped)).toMatchObject({ ok: true, result: { state: 'stopped' } });
    expect(said).toEqual([]);
  });

  test('keeps a person from running a cycle, and is ended by start', async () => {
    expect(await order('run', { fresh: false }, stopped)).toMatchObject({ ok: false, message: expect.stringContaining('start it first') });
    await order('start', {}, stopped);
    expect(words()).toEqual([[JobStateChanged.type, { jobId, state: 'active', by: kim }]]);
  });

  test('may become a pause: what was imported is finished then', async () => {
    await order('pause', {}, stopped);
    expect(words()).toEqual([[JobStateChanged.type, { jobId, state: 'paused', by: kim }]]);
  });
});

describe('applying a job file', () => {
  test('is recorded as the next revision, with who did it', async () => {
    const definition = job({ objects: [objectMapping({ actions: ['create'] })] });
    expect(await order('apply', { configured: checked(definition) })).toMatchObject({
      ok: true,
      result: { jobId, revision: 4, changed: true },
    });
    expect(words()).toEqual([[JobConfigured.type, expect.objectContaining({ jobId, revision: 4, definition, by: kim })]]);
  });

  test('that changes nothing records nothing', async () => {
    expect(await order('apply', { configured: checked() })).toMatchObject({ ok: true, result: { revision: 3, changed: false } });
    expect(said).toEqual([]);
  });

  test('may not change the number of lanes', async () => {
    expect(await order('apply', { configured: checked(job({ lanes: 9 })) })).toMatchObject({ ok: false, issues: [{ path: ['lanes'] }] });
    expect(said).toEqual([]);
  });
});

describe('running', () => {
  test('opens a cycle in the name of whoever asks, due or not, paused or not', async () => {
    expect(await order('run', {}, paused)).toMatchObject({ ok: true, result: { cycleId: 'c-new', opened: true } });
    expect(words()).toEqual([[CycleOpened.type, expect.objectContaining({ cycleId: 'c-new', kind: 'initial', watermark: null, by: kim })]]);
  });

  test('while a cycle is open names that one', async () => {
    expect(await order('run', {}, opened)).toMatchObject({ ok: true, result: { cycleId: one, opened: false } });
    expect(said).toEqual([]);
  });

  const facts = [
    opened,
    fact(20, 'import-completed', { cycleId: one, watermark: { at: 20 }, imported: 0, linked: 0 }),
    fact(30, 'cycle-closed', { cycleId: one, result: 'succeeded' }),
  ];

  test('for drift says so to the cycle, and is refused where everything is read anyway', async () => {
    await order('run', { drift: 'repair' }, ...facts);
    expect(words()).toMatchObject([[CycleOpened.type, { kind: 'incremental', watermark: { at: 20 }, drift: 'repair' }]]);
    expect(await order('run', { fresh: true, drift: 'report' }, ...facts)).toMatchObject({ ok: false });
    expect(await order('run', { drift: 'report' })).toMatchObject({ ok: false, message: expect.stringContaining('run it without drift') });
    expect(words()).toHaveLength(1);
  });

  test('for more than the open cycle does is refused; for what it does anyway, or for nothing in particular, names that one', async () => {
    const open = (drift?: 'report' | 'repair') =>
      [...facts, fact(40, 'cycle-opened', { cycleId: two, kind: 'incremental', rules: 1, ...(drift && { drift }) })] as const;
    for (const [asked, more] of [
      [{ drift: 'report' }, undefined],
      [{ drift: 'repair' }, undefined],
      [{ drift: 'repair' }, 'report'],
      [{ drift: 'report' }, 'repair'],
      [{ fresh: true }, 'repair'],
    ] as const) {
      const answer = await order('run', asked, ...open(more));
      expect(answer).toMatchObject({
        ok: false,
        result: { state: 'running', cycleId: two },
        message: expect.stringContaining(`cycle ${two} is open`),
      });
      expect(answer.message).toContain('ask again when it has ended');
    }
    expect(await order('run', { drift: 'report' }, opened)).toMatchObject({ ok: false, result: { state: 'running' } });
    for (const [asked, more] of [
      [{ drift: 'repair' }, 'repair'],
      [{}, 'report'],
    ] as const)
      expect(await order('run', asked, ...open(more))).toMatchObject({ ok: true, result: { cycleId: two, opened: false } });
    expect(await order('run', { fresh: true }, opened)).toMatchObject({ ok: true, result: { cycleId: one, opened: false } });
    expect(said).toEqual([]);
  });

  test('afresh reads everything, where otherwise only changes would be read', async () => {
    await order('run', {}, ...facts);
    await order('run', { fresh: true }, ...facts);
    expect(words()).toMatchObject([
      [CycleOpened.type, { kind: 'incremental', watermark: { at: 20 } }],
      [CycleOpened.type, { kind: 'initial', watermark: null }],
    ]);
  });
});

describe('pausing and starting', () => {
  test('pauses once', async () => {
    await order('pause', {});
    expect(words()).toEqual([[JobStateChanged.type, { jobId, state: 'paused', by: kim }]]);
    expect(await order('pause', {}, paused)).toMatchObject({ ok: true, message: expect.stringContaining('already') });
    expect(said).toHaveLength(1);
  });

  test('says that the open cycle goes on', async () => {
    expect((await order('pause', {}, opened)).message).toMatch(/has imported is finished/);
  });

  test('starting lifts pause and quarantine', async () => {
    await order('start', {}, paused, quarantined);
    expect(words()).toEqual([
      [JobStateChanged.type, { jobId, state: 'active', by: kim }],
      [JobRecovered.type, { jobId, by: kim, quarantinedAt: isoOf(5) }],
    ]);
  });

  test('starting an active job changes nothing', async () => {
    expect(await order('start', {})).toMatchObject({ ok: true, message: expect.stringContaining('already') });
    expect(said).toEqual([]);
  });

  test('has another id each time', async () => {
    await order('pause', {});
    await order('pause', {}, paused, fact(3, 'job-state-changed', { state: 'active' }));
    await order('start', {}, paused);
    await order('start', {}, paused, fact(3, 'job-state-changed', { state: 'active' }), fact(4, 'job-state-changed', { state: 'paused' }));
    expect(new Set(said.map(({ id }) => id)).size).toBe(4);
  });
});

describe('releasing removals', () => {
  test('is done in the name of whoever asks', async () => {
    expect(await order('release', { cycleId: one }, held)).toMatchObject({ ok: true, result: { released: 30 } });
    expect(words()).toEqual([[RemovalsReleased.type, { jobId, cycleId: one, proposed: 30, by: kim, waited: true }]]);
  });

  test('of a cycle that holds none is refused and names those that do', async () => {
    expect(await order('release', { cycleId: 'c-9' }, held)).toMatchObject({ ok: false, message: expect.stringContaining('c-1') });
    expect(said).toEqual([]);
  });

  test('twice is refused the second time', async () => {
    const answer = await order('release', { cycleId: one }, held, fact(26, 'removals-released', { cycleId: one }));
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('none') });
  });
});

describe('some of the held removals', () => {
  const chosen = { objectKeys: ['user:1', 'user:2'], count: 2 };

  test('are released by name; the others wait on', async () => {
    expect(await order('release', { cycleId: one, chosen }, held)).toMatchObject({ ok: true, result: { released: 2 } });
    const [[, data] = []] = words();
    expect(data).toMatchObject({ proposed: 2, objectKeys: chosen.objectKeys });
    const after = await order(
      'release',
      { cycleId: one },
      held,
      fact(26, 'removals-released', { cycleId: one, proposed: 2, objectKeys: ['user:1'] }),
    );
    expect(after).toMatchObject({ ok: true, result: { released: 28 } });
  });

  test('or all of them are rejected, by whom the log says', async () => {
    expect(await order('reject', { cycleId: one, chosen }, held)).toMatchObject({ ok: true, result: { rejected: 2 } });
    expect(await order('reject', { cycleId: one }, held)).toMatchObject({ ok: true, result: { rejected: 30 } });
    expect(words()).toEqual([
      [RemovalsRejected.type, { jobId, cycleId: one, proposed: 2, by: kim, objectKeys: chosen.objectKeys }],
      [RemovalsRejected.type, { jobId, cycleId: one, proposed: 30, by: kim }],
    ]);
  });

  test('end the hold with the last of them', async () => {
    const rest = { cycleId: one, proposed: 30, objectKeys: ['user:1'] };
    const answer = await order('release', { cycleId: one }, held, fact(26, 'removals-rejected', rest));
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('none') });
  });
});

test('an order without what it needs is refused by its schema', async () => {
  await expect(async () => order('release', { cycleId: 7 }, held)).rejects.toThrow();
  expect(said).toEqual([]);
});

describe('trying again what failed', () => {
  const scope = { kind: 'cause', causeId: 'http-409-1abc' };

  test('is put on record, with who asked', async () => {
    expect(await order('retry', { scope })).toMatchObject({ ok: true, message: 'tried again now' });
    expect(words()).toEqual([[RetriesOrdered.type, { jobId, scope, by: kim }]]);
  });

  test.each<[string, JobFact[]]>([
    ['paused', [paused]],
    ['disabled', [quarantined, fact(31, 'job-disabled', {})]],
  ])('waits while the job is %s, and says so', async (word, facts) => {
    expect(await order('retry', { scope: { kind: 'all' } }, ...facts)).toMatchObject({
      ok: true,
      message: expect.stringContaining(`it is ${word}`),
    });
  });
});

describe('a quarantine for held removals', () => {
  const forRemovals = fact(30, 'job-quarantined', {
    reason: 'too-many-removals',
    failure: { kind: 'rejected', code: 'too-many-removals', message: '' },
    beganAt: isoOf(30),
    count: 1,
    nextAttemptAt: isoOf(99),
  });
  const types = () => said.map(({ definition }) => definition.type);

  test('ends with the release of the last of them', async () => {
    await order('release', { cycleId: one }, held, forRemovals);
    expect(types()).toEqual([RemovalsReleased.type, JobRecovered.type]);
  });

  test('lasts as long as others are held', async () => {
    const others = fact(26, 'removals-held', {
      cycleId: asCycleId('c-2'),
      proposed: 9,
      linked: 100,
      threshold: 'too many',
      until: 'person',
    });
    await order('release', { cycleId: one }, held, others, forRemovals);
    expect(types()).toEqual([RemovalsReleased.type]);
  });

  test('of another kind is not ended by a release', async () => {
    await order('release', { cycleId: one }, held, quarantined);
    expect(types()).toEqual([RemovalsReleased.type]);
  });
});
