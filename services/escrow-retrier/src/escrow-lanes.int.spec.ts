import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JobRegistry, type NewEvent, say } from '@provident/bus';
import { MemoryLog, aJob, jobConfigured, newEvent, objectFacts, runLane, saidIn, tell } from '@provident/bus/testing';
import {
  type DataOf,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  ExportFailed,
  type Failure,
  JobRecovered,
  ObjectExported,
  RetryDue,
  RuleEvaluated,
  jobLane,
} from '@provident/contracts';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
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
const refused = (anchor: string, kind: Failure['kind'] = 'rejected', facts: Facts = {}): NewEvent => {
  const failure = { kind, code: 'test', message: `it is ${kind}` };
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
const recovered = (): NewEvent => ({
  ...say(JobRecovered, 'recovered', aJob, { jobId: aJob, by: { kind: 'system', name: 'provident' }, quarantinedAt: at() }),
  jobId: aJob,
  lane: jobLane,
  stage: 'job-scheduler',
  at: at(),
  cause: 0,
  position: 0,
});
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

test('a job that recovers wakes what failed for its connection, and nothing else', async () => {
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
  await saysAfter(16);
  const woken = said()
    .slice(10)
    .map(({ type, data }) => [type, (data as { sourceId: string }).sourceId, (data as { wokenBy: string }).wokenBy]);
  expect(woken).toEqual(['0', '1', '2', '3', '4', '5'].map((anchor) => [RetryDue.type, anchor, 'target']));
  await tell(log, recovered(), refused('99'));
  expect((await saysAfter(17)).slice(16)).toEqual([`${EscrowRecorded.type} 99`]);
});

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
