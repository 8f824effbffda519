import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Appender, JobRegistry, connectBroker } from '@provident/bus';
import { MemoryLog, aJob, anInstant, jobConfigured, newEvent, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { CycleOpened, type DataOf, ImportCompleted, SourceObjectImported, is, jobLane } from '@provident/contracts';
import { asCycleId } from '@provident/domain';
import { job } from '@provident/domain/testing';
import { type TestDatabase, testDatabase, testNatsUrl } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { type ImporterPorts, JobImporter } from './job-importer.js';
import { demandSubject } from './on-demand/on-demand.controller.js';
import { importerEntities, importerMigrations } from './state/schema.js';
import { MemorySource } from './testing/memory-source.js';
import { RestOfPipeline } from './testing/rest-of-pipeline.js';

const kim = { kind: 'user' as const, name: 'kim' };
const lanes = 2;
const attributes = [
  { target: 'userName', source: 'email', matching: 1 },
  { target: 'title', source: 'title' },
];
type Assigned = { ids?: string[]; groups?: string[]; nested?: boolean };

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

/** The job for those who are assigned, and its importer at work. */
async function begin(assigned: Assigned): Promise<void> {
  const parts = { lanes, objects: [{ type: 'user' as const, assigned, attributes }] };
  [rules = 0] = await tell(log, jobConfigured(parts));
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
  rest = new RestOfPipeline(log, target, job({ job: aJob, ...parts }));
  start();
}

/** Others are assigned from now on. */
async function assign(assigned: Assigned): Promise<void> {
  const parts = { lanes, objects: [{ type: 'user' as const, assigned, attributes }] };
  [rules = 0] = await tell(log, jobConfigured(parts, 2));
  await eventually(() => registry.find(aJob)!.configured.revision === 2);
  rest.job = job({ job: aJob, ...parts });
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
async function cycle(cycleId: string, kind: 'initial' | 'incremental' = 'incremental'): Promise<DataOf<typeof ImportCompleted>> {
  const opened = { jobId: aJob, cycleId: asCycleId(cycleId), kind, rules, watermark, by: kim };
  await tell(log, newEvent(CycleOpened, opened, { lane: jobLane, stage: 'job-scheduler', id: `${cycleId}.opened` }));
  const ended = await eventually(() => log.events.find((event) => is(event, ImportCompleted) && event.data.cycleId === cycleId));
  await rest.answer();
  ({ watermark } = ended.data as DataOf<typeof ImportCompleted>);
  return ended.data as DataOf<typeof ImportCompleted>;
}
/** Who has an account that can be used, by anchor. */
const active = (): string[] =>
  [...target.accounts.values()]
    .filter((account) => account.active)
    .map(({ attributes }) => String(attributes['userName']).slice(1))
    .sort();
const saidIn = (cycleId: string): string[] =>
  log.events
    .filter((event) => is(event, SourceObjectImported) && event.data.cycleId === cycleId)
    .map(({ data }) => `${(data as { sourceId: string }).sourceId} ${(data as { change: string }).change}`)
    .sort();

describe('members of a group that the job names', () => {
  beforeEach(async () => {
    source.put('1', '2', '3', '4');
    source.join('a', '1', '2');
    source.join('b', '4');
  });

  test('have accounts and nobody else, also where the groups themselves are not provisioned', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    expect(active()).toEqual(['1', '2']);
  });

  test('who come or go are taken up by the next cycle, though no record has changed and no delta tells of them', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    source.kind = 'none';
    source.leave('a', '2');
    source.join('a', '3');
    expect(await cycle('c-2')).toMatchObject({ imported: 2 });
    expect(saidIn('c-2')).toEqual(['2 updated', '3 updated']);
    expect(active()).toEqual(['1', '3']);
    expect(await cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('who come back have the account that they had', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    source.leave('a', '2');
    await cycle('c-2');
    source.join('a', '2');
    await cycle('c-3');
    expect(active()).toEqual(['1', '2']);
    expect(target.accounts.size).toBe(2);
  });

  test('are found also by another importer, which knows nothing but the tables', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    await end();
    start();
    source.kind = 'none';
    source.leave('a', '1');
    expect(await cycle('c-2')).toMatchObject({ imported: 1 });
    expect(active()).toEqual(['2']);
  });

  test('are not taken out by a reading that shows no membership at all, or has a record that nobody can use', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    const { memberships } = source;
    source.memberships = [];
    expect(await cycle('c-2')).toMatchObject({ imported: 0 });
    source.memberships = memberships.filter(({ member }) => member !== '2');
    source.unusableMemberships = [{ anchor: null, code: 'missing-member', message: 'names nobody', place: 'line 3' }];
    source.join('a', '3');
    await cycle('c-3');
    expect(active()).toEqual(['1', '2', '3']);
    source.unusableMemberships = [];
    await cycle('c-4');
    expect(active()).toEqual(['1', '3']);
  });

  test('by way of other groups count where the job says so, and a circle of groups ends', async () => {
    source.join('a', 'g1');
    source.join('g1', '3', 'g2');
    source.join('g2', 'g1');
    await begin({ groups: ['a'], nested: true });
    await cycle('c-1', 'initial');
    expect(active()).toEqual(['1', '2', '3']);
    source.kind = 'none';
    source.leave('a', 'g1');
    await cycle('c-2');
    expect(active()).toEqual(['1', '2']);
  });

  test('of another group that the rules name from now on are judged by the next cycle', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    await assign({ groups: ['b'] });
    await cycle('c-2');
    expect(active()).toEqual(['4']);
  });

  test('and those who are listed by their id are assigned alike', async () => {
    await begin({ ids: ['3'], groups: ['b'] });
    await cycle('c-1', 'initial');
    expect(active()).toEqual(['3', '4']);
    await assign({ ids: ['3', '1'], groups: ['b'] });
    expect(await cycle('c-2')).toMatchObject({ imported: 1 });
    expect(active()).toEqual(['1', '3', '4']);
  });

  test('are known on demand as they are at that moment', async () => {
    await begin({ groups: ['a'] });
    await cycle('c-1', 'initial');
    source.join('a', '3');
    const body = JSON.stringify({ jobId: aJob, subjects: [{ id: '3' }], by: kim });
    await eventually(() => connection.request(demandSubject(aJob), '{}', { timeout: 5_000 }));
    connection.publish(demandSubject(aJob), body);
    await eventually(async () => (await rest.answer(), active().includes('3')));
    expect(await cycle('c-2')).toMatchObject({ imported: 0 });
  });
});
