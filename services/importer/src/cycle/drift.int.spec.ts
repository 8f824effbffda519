import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Appender, JobRegistry, connectBroker } from '@provident/bus';
import { MemoryLog, aJob, anInstant, jobConfigured, newEvent, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { CycleOpened, type DataOf, DriftFound, ImportCompleted, is, jobLane } from '@provident/contracts';
import { asCycleId } from '@provident/domain';
import { job } from '@provident/domain/testing';
import { type TestDatabase, testDatabase, testNatsUrl } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { type ImporterPorts, JobImporter } from '../job-importer.js';
import { importerEntities, importerMigrations } from '../state/schema.js';
import { MemorySource, personOf } from '../testing/memory-source.js';
import { RestOfPipeline } from '../testing/rest-of-pipeline.js';

const kim = { kind: 'user' as const, name: 'kim' };
const lanes = 2;
const attributes = [
  { target: 'userName', source: 'email', matching: 1 },
  { target: 'title', source: 'title' },
];

let server: TestDatabase;
let connection: Awaited<ReturnType<typeof connectBroker>>;
let database: DataSource;
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
let rest: RestOfPipeline;
let registry: JobRegistry;
let ending: AbortController;
let stop: AbortController;
let running: Promise<void>;
let rules: number;
let watermark: Record<string, unknown> | null;

beforeAll(async () => {
  connection = await connectBroker(testNatsUrl(), 'spec');
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'importer', entities: importerEntities, migrations: importerMigrations });
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query(
    'TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, seen, listed_account, listed_value, reference_given, membership, seen_membership, membership_change',
  );
  log = new MemoryLog();
  source = new MemorySource();
  target = new MemoryTarget({ unique: [] });
  ending = new AbortController();
  watermark = null;
});
afterEach(async () => {
  await end();
  ending.abort();
});

async function begin(): Promise<void> {
  const parts = {
    lanes,
    objects: [{ type: 'user' as const, active: { attribute: 'status', operator: 'NOT EQUALS' as const, value: 'left' }, attributes }],
  };
  [rules = 0] = await tell(log, jobConfigured(parts));
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
  rest = new RestOfPipeline(log, target, job({ job: aJob, ...parts }));
  start();
}

function start(): void {
  stop = new AbortController();
  const ports = {
    log,
    database,
    connection,
    registry,
    appender: new Appender(log),
    now: () => new Date(anInstant),
    assertHeld: () => undefined,
    logger: { error: () => undefined },
    config: { SOURCE_TIMEOUT_MS: 1_000, TARGET_TIMEOUT_MS: 1_000 },
    open: { source: async () => source.open(), target: async () => target },
  };
  running = new JobImporter(aJob, ports as unknown as ImporterPorts).run(stop.signal);
}
async function end(): Promise<void> {
  stop.abort();
  await running;
}

/** A cycle up to its end, with everything carried out that it imported. */
async function cycle(
  cycleId: string,
  kind: 'initial' | 'incremental' = 'incremental',
  drift?: 'report' | 'repair',
): Promise<DataOf<typeof ImportCompleted>> {
  const opened = { jobId: aJob, cycleId: asCycleId(cycleId), kind, rules, watermark, by: kim, ...(drift && { drift }) };
  await tell(log, newEvent(CycleOpened, opened, { lane: jobLane, stage: 'job-scheduler', id: `${cycleId}.opened` }));
  const ended = await eventually(() => log.events.find((event) => is(event, ImportCompleted) && event.data.cycleId === cycleId));
  await rest.answer();
  ({ watermark } = ended.data as DataOf<typeof ImportCompleted>);
  return ended.data as DataOf<typeof ImportCompleted>;
}

const idOf = (anchor: string): string => [...target.accounts].find(([, { attributes: held }]) => held['userName'] === `p${anchor}`)![0];
const accountOf = (anchor: string) => target.accounts.get(idOf(anchor))!;
const found = (cycleId: string) =>
  log.events
    .filter((event) => is(event, DriftFound) && event.data.cycleId === cycleId)
    .map(({ data }) => data as DataOf<typeof DriftFound>);
const writes = () => target.calls.filter((call) => /^(create|update|setActive|remove) /.test(call));
const titled = (anchor: string, title: string, more: Record<string, string> = {}): void =>
  void source.people.set(anchor, personOf(anchor, { title, status: 'here', ...more }));

beforeEach(async () => {
  for (const anchor of ['1', '2', '3', '4']) titled(anchor, 'Clerk');
  await begin();
  await cycle('c-1', 'initial');
});

test('what was changed by hand in the target is told attribute by attribute, and left', async () => {
  accountOf('2').attributes['title'] = 'King';
  const before = writes().length;
  expect(await cycle('c-2', 'incremental', 'report')).toMatchObject({
    imported: 0,
    drift: { mode: 'report', checked: 4, differ: 1, vanished: 0, unasked: 0 },
  });
  expect(found('c-2')).toMatchObject([
    {
      objectKey: 'user:2',
      targetId: idOf('2'),
      account: 'differs',
      attributes: [{ attribute: 'title', expected: 'Clerk', found: 'King' }],
    },
  ]);
  expect(writes()).toHaveLength(before);
});

test('is changed back where that is wanted, by a change like any other, and then nothing is left', async () => {
  accountOf('2').attributes['title'] = 'King';
  accountOf('3').active = false;
  const others = { ...accountOf('1').attributes };
  expect(await cycle('c-2', 'incremental', 'repair')).toMatchObject({ imported: 2, drift: { differ: 2 } });
  expect(found('c-2').map(({ objectKey, account }) => [objectKey, account])).toEqual([
    ['user:2', 'differs'],
    ['user:3', 'disabled'],
  ]);
  expect([accountOf('2').attributes['title'], accountOf('3').active]).toEqual(['Clerk', true]);
  expect(accountOf('1').attributes).toEqual(others);
  expect(target.accounts.size).toBe(4);
  expect(await cycle('c-3', 'incremental', 'report')).toMatchObject({ drift: { checked: 4, differ: 0 } });
  expect(found('c-3')).toEqual([]);
});

test('an account that is gone is told of, and not made again', async () => {
  target.accounts.delete(idOf('4'));
  expect(await cycle('c-2', 'incremental', 'report')).toMatchObject({ imported: 0, drift: { checked: 4, differ: 0, vanished: 1 } });
  expect(found('c-2')).toMatchObject([{ objectKey: 'user:4', account: 'vanished', attributes: [] }]);
  await cycle('c-3', 'incremental', 'repair');
  expect(target.accounts.size).toBe(3);
});

test('who changed at the source, or is not wanted and disabled as the job left it, does not count; who was enabled again by hand does', async () => {
  titled('1', 'Head');
  titled('2', 'Clerk', { status: 'left' });
  await cycle('c-2');
  expect(await cycle('c-3', 'incremental', 'report')).toMatchObject({ drift: { differ: 0 } });
  accountOf('2').active = true;
  expect(await cycle('c-4', 'incremental', 'report')).toMatchObject({ drift: { differ: 1 } });
  expect(found('c-4')).toMatchObject([{ objectKey: 'user:2', account: 'enabled' }]);
});

test('an importer that ends in the middle goes on behind the last page: each account is told of once, and counted once', async () => {
  for (let i = 1000; i < 1320; i++) titled(String(i), 'Clerk');
  await cycle('c-2');
  for (const anchor of ['1', '4']) accountOf(anchor).attributes['title'] = 'King';
  const last = idOf('4');
  const read = target.read.bind(target);
  let ended = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => (ended = resolve));
  target.read = async (...asked) => {
    if (asked[1] === last) {
      stop.abort();
      ended();
      stop.signal.throwIfAborted();
    }
    return read(...asked);
  };
  const looked = cycle('c-3', 'incremental', 'report');
  await interrupted;
  target.read = read;
  await running;
  expect(found('c-3').map(({ objectKey }) => objectKey)).toEqual(['user:1']);
  start();
  expect(await looked).toMatchObject({ imported: 0, drift: { checked: 324, differ: 2 } });
  expect(found('c-3').map(({ objectKey }) => objectKey)).toEqual(['user:1', 'user:4']);
});

test('no ordinary cycle looks at accounts of people whom nothing has happened to', async () => {
  accountOf('2').attributes['title'] = 'King';
  const { drift } = await cycle('c-2');
  expect(drift).toBeUndefined();
  expect(accountOf('2').attributes['title']).toBe('King');
});
