import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JobRegistry, type NewEvent, say } from '@provident/bus';
import { MemoryLog, aJob, jobConfigured, newEvent, objectFacts, runLane, saidIn, tell } from '@provident/bus/testing';
import {
  CycleClosed,
  type DataOf,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportFailed,
  type Failure,
  JobDisabled,
  JobRecovered,
  ObjectExported,
  RetriesOrdered,
  RetryDue,
  type RetryScope,
  RuleEvaluated,
  emptyTally,
  is,
  jobLane,
} from '@provident/contracts';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { asCycleId } from '@provident/domain';
import { openDatabase } from '@provident/service-kit';
import { type FixedClock, eventually, fixedClock } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { escrowLanes } from './escrow-lanes.js';
import { escrowEntities, escrowMigrations } from './state/schema.js';

const hour = 3_600_000;
const day = 24 * hour;
let server: TestDatabase;
let database: DataSource;
let log: MemoryLog;
let registry: JobRegistry;
let clock: FixedClock;
let ending: AbortController;
let stops: (() => Promise<void>)[];
beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'escrow_retrier', entities: escrowEntities, migrations: escrowMigrations });
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query('TRUNCATE escrow, fold_position');
  log = new MemoryLog();
  clock = fixedClock('2026-03-01T00:00:00.000Z');
  ending = new AbortController();
  stops = [];
  await tell(log, jobConfigured());
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
});
afterEach(async () => {
  await Promise.allSettled(stops.map((stop) => stop()));
  ending.abort();
});

const now = (): Date => clock.now();
const start = () => {
  const running = runLane(log, escrowLanes({ log, database, registry, now }), { now });
  stops.push(running.stop);
  return running;
};
type Facts = Parameters<typeof objectFacts>[1];
const at = () => clock.now().toISOString();
const refused = (anchor: string, kind: Failure['kind'] = 'rejected', facts: Facts = {}, message = `it is ${kind}`): NewEvent => {
  const failure = { kind, code: 'test', message };
  const data = {
    ...objectFacts(anchor, facts),
    sourceId: anchor,
    action: 'update' as const,
    targetId: null,
    changes: [],
    failure,
    durationMs: 1,
  };
  return newEvent(ExportFailed, data, { stage: 'exporter', at: at() });
};
const exported = (anchor: string, facts: Facts = {}): NewEvent =>
  newEvent(
    ObjectExported,
    { ...objectFacts(anchor, facts), sourceId: anchor, action: 'update', targetId: 't', changes: [], enabled: false, durationMs: 1 },
    { stage: 'exporter', at: at() },
  );
const ruled = (
  anchor: string,
  action: DataOf<typeof RuleEvaluated>['action'],
  more: Partial<DataOf<typeof RuleEvaluated>> = {},
): NewEvent =>
  newEvent(
    RuleEvaluated,
    {
      ...objectFacts(anchor),
      sourceId: anchor,
      action,
      reason: { code: 'x', text: '' },
      scope: { inScope: true, clauses: [] },
      targetId: null,
      linksNow: false,
      match: null,
      changes: [],
      enable: false,
      basis: 0,
      failure: null,
      ...more,
    },
    { stage: 'rule-evaluator', at: at() },
  );
const ofJob = (said: ReturnType<typeof say>): NewEvent => ({
  ...said,
  jobId: aJob,
  lane: jobLane,
  stage: 'job-scheduler',
  at: at(),
  cause: 0,
  position: 0,
});
const system = { kind: 'system', name: 'provident' } as const;
const kim = { kind: 'user', name: 'kim' } as const;
const recovered = (): NewEvent => ofJob(say(JobRecovered, 'recovered', aJob, { jobId: aJob, by: system, quarantinedAt: at() }));
const ordered = (scope: RetryScope): NewEvent => ofJob(say(RetriesOrdered, 'ordered', aJob, { jobId: aJob, scope, by: kim }));
const disabled = (): NewEvent =>
  ofJob(
    say(JobDisabled, 'disabled', aJob, {
      jobId: aJob,
      reason: 'connection',
      failure: { kind: 'unavailable', code: 'test', message: '' },
      quarantinedAt: at(),
    }),
  );
const initialCycleClosed = (cycleId: string): NewEvent =>
  ofJob(
    say(CycleClosed, `${cycleId}.closed`, aJob, {
      jobId: aJob,
      cycleId: asCycleId(cycleId),
      kind: 'initial',
      result: 'succeeded',
      tally: emptyTally,
      openedAt: at(),
      failure: null,
    }),
  );
const cycleClosed = (cycleId: string, openedAt: string, tally: Partial<typeof emptyTally>): NewEvent =>
  ofJob(
    say(CycleClosed, `${cycleId}.closed`, aJob, {
      jobId: aJob,
      cycleId: asCycleId(cycleId),
      kind: 'incremental',
      result: (tally.escrowed ?? 0) > 0 ? 'entry-level-errors' : 'succeeded',
      tally: { ...emptyTally, ...tally },
      openedAt,
      failure: null,
    }),
  );
const said = () => saidIn(log, { stage: 'escrow-retrier' });
const words = (): string[] => said().map(({ type, data }) => `${type} ${(data as { objectKey: string }).objectKey.slice(5)}`);
const saysAfter = (count: number) => eventually(() => (words().length >= count ? words() : null));
const last = () => said().at(-1)!.data as DataOf<typeof EscrowRecorded> & DataOf<typeof RetryDue>;

test('a failed object is kept, with its cause and the time of the next attempt', async () => {
  await tell(log, refused('1'));
  start();
  await saysAfter(1);
  expect(said()[0]).toMatchObject({ type: EscrowRecorded.type, cause: 2, position: 2 });
  expect(last()).toMatchObject({
    objectKey: 'user:1',
    sourceId: '1',
    failure: { kind: 'rejected' },
    retries: 0,
    firstFailedAt: '2026-03-01T00:00:00.000Z',
    nextAttemptAt: '2026-03-01T06:00:00.000Z',
  });
});

test('failures of the rules and of the import are kept too; what is well is not', async () => {
  const failure = { kind: 'missing-values' as const, code: 'x', message: '' };
  await tell(
    log,
    ruled('1', 'fail', { failure }),
    ruled('2', 'skip'),
    ruled('3', 'unchanged'),
    ruled('4', 'create'),
    exported('5'),
    refused('6'),
  );
  start();
  expect(await saysAfter(2)).toEqual([`${EscrowRecorded.type} 1`, `${EscrowRecorded.type} 6`]);
});

test('that some members of a group were written takes nothing out of escrow; that its retry went through does', async () => {
  await tell(log, refused('1'));
  start();
  await saysAfter(1);
  const { id, data, ...written } = exported('1');
  await tell(log, { ...written, id: 'members', data: { ...(data as object), part: 'members' } });
  // Nor does that they are decided upon by a cycle make it the group's retry.
  await tell(log, ruled('1', 'update', { ...objectFacts('1', { cycleId: 'c-2' }), part: 'members' }));
  await tell(log, refused('2'));
  expect(await saysAfter(2)).toEqual(['escrow-recorded 1', 'escrow-recorded 2']);
  await tell(log, { ...written, id, data });
  expect(await saysAfter(3)).toContain('escrow-cleared 1');
});

test('what was decided before and is only written now, such as a removal that waited, does not end the escrow of a record that cannot be read', async () => {
  const failure = { kind: 'invalid-source' as const, code: 'unreadable-record', message: 'it cannot be read' };
  const reason = { code: 'import-failed' as const, text: '' };
  await tell(log, ruled('1', 'disable', objectFacts('1')));
  await tell(log, ruled('1', 'fail', { ...objectFacts('1', { cycleId: 'c-2' }), failure, reason }));
  start();
  await saysAfter(1);
  await tell(log, exported('1'), refused('2'));
  expect(await saysAfter(2)).toEqual(['escrow-recorded 1', 'escrow-recorded 2']);
  await tell(log, ruled('1', 'unchanged', objectFacts('1', { cycleId: 'c-2', attempt: 1 })));
  expect(await saysAfter(3)).toContain('escrow-cleared 1');
});

test('after a write that failed, whatever is written later ends the escrow', async () => {
  await tell(log, refused('1'));
  start();
  await saysAfter(1);
  await tell(log, exported('1', { cycleId: 'healed', attempt: 1 }));
  expect(await saysAfter(2)).toEqual(['escrow-recorded 1', 'escrow-cleared 1']);
});

test('a record without a key belongs to nobody and is not kept', async () => {
  const failure = { kind: 'invalid-source' as const, code: 'x', message: '' };
  await tell(log, ruled('?line 3', 'fail', { sourceId: null, failure }), refused('1'));
  start();
  expect(await saysAfter(1)).toEqual([`${EscrowRecorded.type} 1`]);
});

describe('a retry', () => {
  test('is due after six hours and not before, once', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    clock.advance(6 * hour - 1);
    await new Promise((resolve) => setTimeout(resolve, 1_300)); // one round of the clock: nothing must come of it
    expect(words()).toHaveLength(1);
    clock.advance(1);
    await saysAfter(2);
    expect(said()[1]).toMatchObject({
      type: RetryDue.type,
      cause: 0,
      data: { attempt: 1, round: 0, wokenBy: 'ladder', firstFailedAt: '2026-03-01T00:00:00.000Z' },
    });
    clock.advance(day);
    await tell(log, refused('2'));
    expect(await saysAfter(3)).toEqual([`${EscrowRecorded.type} 1`, `${RetryDue.type} 1`, `${EscrowRecorded.type} 2`]);
  });

  test('that fails climbs the ladder, counted from the first failure', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    clock.advance(6 * hour);
    await saysAfter(2);
    await tell(log, refused('1', 'rejected', { attempt: 1 }));
    await saysAfter(3);
    expect(last()).toMatchObject({ retries: 1, firstFailedAt: '2026-03-01T00:00:00.000Z', nextAttemptAt: '2026-03-01T12:00:00.000Z' });
  });

  test('that succeeds clears the escrow', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    clock.advance(6 * hour);
    await saysAfter(2);
    await tell(log, exported('1', { attempt: 1 }));
    await saysAfter(3);
    expect(said()[2]).toMatchObject({
      type: EscrowCleared.type,
      data: { retries: 1, outcome: 'update', firstFailedAt: '2026-03-01T00:00:00.000Z' },
    });
    await eventually(async () => (await database.query('SELECT FROM escrow')).length === 0);
  });

  test.each(['skip', 'unchanged'] as const)('is not needed any more when the object turns out to be %s', async (action) => {
    await tell(log, refused('1'), ruled('1', action));
    start();
    await saysAfter(2);
    expect(said()[1]).toMatchObject({ type: EscrowCleared.type, data: { outcome: action } });
  });

  test('is given up 28 days after the first failure', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    clock.advance(27 * day + 20 * hour);
    await saysAfter(2);
    await tell(log, refused('1', 'rejected', { attempt: 1 }));
    await saysAfter(3);
    expect(said()[2]).toMatchObject({ type: EscrowExpired.type, data: { retries: 1, failure: { kind: 'rejected' } } });
    await tell(log, refused('1', 'rejected', { cycleId: 'c-2' }));
    await saysAfter(4);
    expect(last()).toMatchObject({ retries: 0, firstFailedAt: at() });
  });
});

/** The words from the n-th on, without order: escrows are woken in the order in which they are kept. */
const wordsFrom = async (first: number, count: number) => (await saysAfter(first + count)).slice(first, first + count);
const reasons = () => said().flatMap(({ type, data }) => (type === RetryDue.type ? [(data as DataOf<typeof RetryDue>).wokenBy] : []));

describe('what is kept is tried before its time', () => {
  test('when the job has recovered: what failed for its connection, and nothing else', async () => {
    const kinds: Failure['kind'][] = [
      'unavailable',
      'unauthorized',
      'throttled',
      'protocol',
      'unknown-outcome',
      'misconfigured',
      'rejected',
      'conflict',
      'gone',
      'ambiguous-match',
    ];
    await tell(log, ...kinds.map((kind, index) => refused(String(index), kind)));
    start();
    await saysAfter(10);
    await tell(log, recovered());
    expect(await wordsFrom(10, 6)).toEqual(['0', '1', '2', '3', '4', '5'].map((anchor) => `${EscrowWoken.type} ${anchor}`));
    expect(await wordsFrom(16, 6)).toEqual(['0', '1', '2', '3', '4', '5'].map((anchor) => `${RetryDue.type} ${anchor}`));
    expect(new Set(reasons())).toEqual(new Set(['target']));
    await tell(log, recovered(), refused('99'));
    expect(await wordsFrom(22, 1)).toEqual([`${EscrowRecorded.type} 99`]);
  });

  test('when a cycle has found the target there, also without a quarantine: later and later, should it be about the object after all', async () => {
    await tell(log, refused('1', 'unavailable'), refused('2', 'rejected'));
    start();
    await saysAfter(2);
    const failedAt = at();
    clock.advance(30_000);
    const openedAt = at();
    await tell(log, cycleClosed('too-soon', openedAt, {}));
    clock.advance(30_000);
    // The one began before the failure, in the other nothing was written.
    await tell(log, cycleClosed('before', failedAt, { updated: 1 }), cycleClosed('away', openedAt, { escrowed: 3 }));
    await tell(log, cycleClosed('there', openedAt, { updated: 1, escrowed: 1 }));
    expect(await wordsFrom(2, 2)).toEqual([`${EscrowWoken.type} 1`, `${RetryDue.type} 1`]);
    const closes = () => log.events.filter((event) => is(event, CycleClosed)).map(({ sequence }) => sequence);
    expect(said().at(2)!.cause).toBe(closes().at(-1));
    expect(last()).toMatchObject({ attempt: 1, wokenBy: 'target', nextAttemptAt: '2026-03-01T06:00:00.000Z' });
    await tell(log, refused('1', 'unavailable', { attempt: 1 }));
    await saysAfter(5);
    clock.advance(30_000);
    await tell(log, cycleClosed('soon-again', at(), {}));
    clock.advance(30_000);
    await tell(log, cycleClosed('later', at(), {}));
    expect(await wordsFrom(5, 2)).toEqual([`${EscrowWoken.type} 1`, `${RetryDue.type} 1`]);
    expect(said().at(5)!.cause).toBe(closes().at(-1));
    expect(words()).toHaveLength(7);
  });

  test('when its own cycle ends in which others went through after it, a while after the failure', async () => {
    const openedAt = at();
    clock.advance(1_000);
    await tell(log, refused('1', 'unavailable'), refused('2', 'rejected'));
    start();
    await saysAfter(2);
    const dueAt = new Date(Date.parse(at()) + 60_000).toISOString();
    clock.advance(10_000);
    await tell(log, exported('3'));
    clock.advance(1_000);
    await tell(log, refused('4', 'unavailable')); // nothing went through since
    await saysAfter(3);
    await tell(log, cycleClosed('c-1', openedAt, { updated: 1, escrowed: 3 }));
    expect(await wordsFrom(3, 1)).toEqual([`${EscrowWoken.type} 1`]);
    expect(last()).toMatchObject({ wokenBy: 'target', nextAttemptAt: dueAt });
    clock.advance(40_000);
    await tell(log, refused('5'));
    expect(await wordsFrom(4, 1)).toEqual([`${EscrowRecorded.type} 5`]);
    clock.advance(20_000);
    expect(await wordsFrom(5, 1)).toEqual([`${RetryDue.type} 1`]);
  });

  test('and never later than without that', async () => {
    await tell(log, jobConfigured({ retry: { after: ['15s'], thenEvery: '20s', giveUpAfter: '28d' } }, 2));
    await eventually(() => registry.find(aJob)?.configured.revision === 2);
    const openedAt = at();
    await tell(log, refused('1', 'unavailable'));
    start();
    await saysAfter(1);
    clock.advance(1_000);
    await tell(log, exported('2'), cycleClosed('c-1', openedAt, { updated: 1, escrowed: 1 }), refused('3'));
    expect(await wordsFrom(1, 1)).toEqual([`${EscrowRecorded.type} 3`]);
    clock.advance(14_000);
    expect(await wordsFrom(2, 1)).toEqual([`${RetryDue.type} 1`]);
    expect(last()).toMatchObject({ wokenBy: 'ladder' });
  });

  test.each<[string, () => NewEvent, string]>([
    ['the job has recovered', () => recovered(), 'target'],
    ['somebody asks for it', () => ordered({ kind: 'all' }), 'person'],
  ])('at once when %s, although a cycle has already put it off for a minute', async (_, word, wokenBy) => {
    const openedAt = at();
    await tell(log, refused('1', 'unavailable'));
    start();
    await saysAfter(1);
    clock.advance(1_000);
    await tell(log, exported('2'), cycleClosed('c-1', openedAt, { updated: 1, escrowed: 1 }));
    expect(await wordsFrom(1, 1)).toEqual([`${EscrowWoken.type} 1`]);
    await tell(log, word());
    expect(await wordsFrom(2, 2)).toEqual([`${EscrowWoken.type} 1`, `${RetryDue.type} 1`]);
    expect(last()).toMatchObject({ wokenBy });
  });

  test.each<[string, RetryScope, string[]]>([
    ['all of them', { kind: 'all' }, ['1', '2', '3']],
    ['one person', { kind: 'objects', objectKeys: ['user:2', 'user:9'] }, ['2']],
  ])('when somebody asks for %s', async (_, scope, expected) => {
    await tell(log, refused('1'), refused('2'), refused('3'));
    start();
    await saysAfter(3);
    await tell(log, ordered(scope));
    expect(await wordsFrom(3, expected.length)).toEqual(expected.map((anchor) => `${EscrowWoken.type} ${anchor}`));
    expect(said().at(3)!.data).toMatchObject({ wokenBy: 'person', by: kim, retries: 0, nextAttemptAt: at() });
    expect(await wordsFrom(3 + expected.length, expected.length)).toEqual(expected.map((anchor) => `${RetryDue.type} ${anchor}`));
    expect(last()).toMatchObject({
      attempt: 1,
      wokenBy: 'person',
      nextAttemptAt: '2026-03-01T06:00:00.000Z',
      cause: { operation: 'update' },
    });
  });

  test('when somebody asks for one cause', async () => {
    const words = (id: string) => `the mail of ${id} is not allowed`;
    await tell(log, refused('1001', 'rejected', {}, words('1001')), refused('1002', 'rejected', {}, words('1002')), refused('1003'));
    start();
    await saysAfter(3);
    const causes = said().map(({ data }) => (data as DataOf<typeof EscrowRecorded>).cause!);
    expect(causes[0]).toEqual({ id: causes[0]!.id, operation: 'update', attribute: null, text: 'the mail of … is not allowed' });
    expect(causes[1]!.id).toBe(causes[0]!.id);
    expect(causes[2]!.id).not.toBe(causes[0]!.id);
    await tell(log, ordered({ kind: 'cause', causeId: causes[0]!.id }));
    expect(await wordsFrom(3, 2)).toEqual([`${EscrowWoken.type} 1001`, `${EscrowWoken.type} 1002`]);
    expect(await wordsFrom(5, 2)).toEqual([`${RetryDue.type} 1001`, `${RetryDue.type} 1002`]);
  });

  test('and the ladder goes on as if nothing had been tried', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    for (const attempt of [1, 2, 3]) {
      await tell(log, ordered({ kind: 'all' }));
      await saysAfter(attempt * 3);
      await tell(log, refused('1', 'rejected', { attempt }));
      await saysAfter(attempt * 3 + 1);
    }
    expect(last()).toMatchObject({ retries: 3, nextAttemptAt: '2026-03-01T06:00:00.000Z' });
  });

  test('and not twice when two ask', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    await tell(log, ordered({ kind: 'all' }), { ...ordered({ kind: 'all' }), id: 'again' });
    await saysAfter(3);
    await tell(log, { ...ordered({ kind: 'all' }), id: 'once more' }, refused('2'));
    expect(await saysAfter(4)).toEqual([
      `${EscrowRecorded.type} 1`,
      `${EscrowWoken.type} 1`,
      `${RetryDue.type} 1`,
      `${EscrowRecorded.type} 2`,
    ]);
  });

  test('by a cycle that finds its record changed: that attempt is its retry, and the escrow goes on under it', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    await tell(log, ruled('1', 'update', objectFacts('1', { cycleId: 'c-2' })));
    await saysAfter(2);
    expect(said()[1]).toMatchObject({
      type: EscrowSuperseded.type,
      data: { changeId: 'c-1.1', wokenBy: 'source', next: { changeId: 'c-2.1', attempt: 0 } },
    });
    clock.advance(7 * hour);
    await tell(log, refused('2'));
    expect(await wordsFrom(2, 1)).toEqual([`${EscrowRecorded.type} 2`]); // the ladder waits for the cycle's attempt
    await tell(log, refused('1', 'rejected', { cycleId: 'c-2' }));
    await saysAfter(4);
    expect(last()).toMatchObject({
      changeId: 'c-2.1',
      retries: 0,
      firstFailedAt: '2026-03-01T00:00:00.000Z',
      nextAttemptAt: '2026-03-01T12:00:00.000Z',
    });
    await tell(log, exported('1', { cycleId: 'c-3' }));
    expect((await saysAfter(5))[4]).toBe(`${EscrowCleared.type} 1`);
  });

  test('and a retry that a newer change overtook does not take the escrow back', async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    await tell(log, ordered({ kind: 'all' }));
    await saysAfter(3);
    await tell(log, ruled('1', 'update', objectFacts('1', { cycleId: 'c-2' })), refused('1', 'rejected', { attempt: 1 }));
    await saysAfter(5);
    expect(last()).toMatchObject({ changeId: 'c-2.1', retries: 1 });
  });

  test('under new rules: what the cycle took up is tried by it, and the rest once it is through', async () => {
    await tell(log, refused('1'), refused('2'));
    start();
    await saysAfter(2);
    const [rules] = await tell(log, jobConfigured({ name: 'Other rules' }, 2));
    await eventually(() => registry.find(aJob)?.rules === rules);
    clock.advance(hour);
    await tell(log, ruled('1', 'update', objectFacts('1', { cycleId: 'c-2', rules: rules! })));
    await saysAfter(3);
    expect(said()[2]).toMatchObject({ type: EscrowSuperseded.type, data: { wokenBy: 'rules' } });
    await tell(log, initialCycleClosed('c-2'));
    expect(await wordsFrom(3, 2)).toEqual([`${EscrowWoken.type} 2`, `${RetryDue.type} 2`]);
    expect(reasons()).toEqual(['rules']);
  });
});

describe('what was given up', () => {
  const giveUp = async () => {
    await tell(log, refused('1'));
    start();
    await saysAfter(1);
    clock.advance(28 * day);
    await saysAfter(2);
    await tell(log, refused('1', 'rejected', { attempt: 1 }));
    await saysAfter(3);
  };

  test('stays, and is left alone', async () => {
    await giveUp();
    expect(await database.query('SELECT object_key, given_up, next_attempt_at FROM escrow')).toEqual([
      { object_key: 'user:1', given_up: true, next_attempt_at: null },
    ]);
    clock.advance(9 * day);
    await tell(log, refused('2'));
    expect(await wordsFrom(3, 1)).toEqual([`${EscrowRecorded.type} 2`]);
  });

  test('begins a new ladder when somebody asks for it', async () => {
    await giveUp();
    await tell(log, ordered({ kind: 'all' }));
    await saysAfter(5);
    expect(last()).toMatchObject({ attempt: 2, firstFailedAt: at(), wokenBy: 'person' });
    await tell(log, refused('1', 'rejected', { attempt: 2 }));
    await saysAfter(6);
    expect(said()[5]).toMatchObject({ type: EscrowRecorded.type, data: { retries: 2, firstFailedAt: at() } });
    expect(Date.parse(last().nextAttemptAt!) - clock.now().getTime()).toBe(6 * hour);
  });

  test('is cleared when it comes right after all', async () => {
    await giveUp();
    await tell(log, exported('1', { cycleId: 'c-9' }));
    expect((await saysAfter(4))[3]).toBe(`${EscrowCleared.type} 1`);
    await eventually(async () => (await database.query('SELECT FROM escrow')).length === 0);
  });
});

test('a job that is disabled has nothing tried, until somebody starts it', async () => {
  await tell(log, refused('1', 'unavailable'), disabled());
  start();
  await saysAfter(1);
  clock.advance(6 * hour);
  await new Promise((resolve) => setTimeout(resolve, 1_300)); // one round of the clock: nothing must come of it
  expect(words()).toHaveLength(1);
  await tell(log, recovered());
  expect(await wordsFrom(1, 2)).toEqual([`${EscrowWoken.type} 1`, `${RetryDue.type} 1`]);
});

test('thousands that are asked for at once come a few hundred at a time', async () => {
  const anchors = Array.from({ length: 500 }, (_, index) => String(index));
  await tell(log, ...anchors.map((anchor) => refused(anchor)));
  start();
  await saysAfter(500);
  await tell(log, ordered({ kind: 'all' }));
  const retries = () => words().filter((word) => word.startsWith(RetryDue.type)).length;
  await eventually(() => retries() === 400);
  await tell(log, ...anchors.slice(0, 150).map((anchor) => exported(anchor, { attempt: 1 })));
  await eventually(() => retries() === 500);
}, 20_000);

describe('a restart', () => {
  test('forgets neither what is kept nor when it is due', async () => {
    await tell(log, refused('1'), refused('2'));
    const first = start();
    await saysAfter(2);
    await tell(log, exported('2'));
    await saysAfter(3);
    await first.stop();
    clock.advance(6 * hour);
    start();
    expect((await saysAfter(4)).slice(3)).toEqual([`${RetryDue.type} 1`]);
    await tell(log, exported('1', { attempt: 1 }));
    await saysAfter(5);
    expect(said()[4]).toMatchObject({ type: EscrowCleared.type, data: { retries: 1 } });
  });

  test('while a retry is under way does not begin another', async () => {
    await tell(log, refused('1'));
    const first = start();
    await saysAfter(1);
    clock.advance(6 * hour);
    await saysAfter(2);
    await first.stop();
    clock.advance(day);
    start();
    await tell(log, refused('2'));
    expect((await saysAfter(3)).slice(2)).toEqual([`${EscrowRecorded.type} 2`]);
    await tell(log, refused('1', 'rejected', { attempt: 1 }));
    await saysAfter(4);
    expect(last()).toMatchObject({ retries: 1, nextAttemptAt: '2026-03-03T00:00:00.000Z' });
  });

  test('with lost tables gives the same escrows', async () => {
    await tell(log, refused('1'), refused('2'), refused('3'), exported('2'));
    const first = start();
    await saysAfter(4);
    clock.advance(6 * hour);
    await saysAfter(6);
    await first.stop();
    const rows = () => database.query('SELECT * FROM escrow ORDER BY object_key');
    const before = await rows();
    await database.query('TRUNCATE escrow, fold_position');
    await start().stop();
    await eventually(async () => (await database.query('SELECT FROM escrow')).length === 2);
    expect(await rows()).toEqual(before);
    expect(before).toHaveLength(2);
  });
});
