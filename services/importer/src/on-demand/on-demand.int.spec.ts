import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Appender, JobRegistry, connectBroker } from '@provident/bus';
import { MemoryLog, aJob, anInstant, jobConfigured, newEvent, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import {
  CommandAnswer,
  CycleOpened,
  type DataOf,
  ImportCompleted,
  JobStateChanged,
  SourceObjectImported,
  TargetObjectImported,
  configLane,
  is,
  isDemandLane,
  jobLane,
} from '@provident/contracts';
import { asCycleId } from '@provident/domain';
import { mapping, objectMapping } from '@provident/domain/testing';
import { type TestDatabase, testDatabase, testNatsUrl } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { type ImporterPorts, JobImporter } from '../job-importer.js';
import { importerEntities, importerMigrations } from '../state/schema.js';
import { MemorySource, personOf } from '../testing/memory-source.js';
import { demandSubject } from './on-demand.controller.js';

const kim = { kind: 'user' as const, name: 'kim' };
let server: TestDatabase;
let connection: Awaited<ReturnType<typeof connectBroker>>;
let database: DataSource;
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
let registry: JobRegistry;
let ending: AbortController;
let running: Promise<void>;
let stop: AbortController;

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
  await database.query('TRUNCATE source_object, again, open_cycle, fold_position, seen, listed_account, listed_value, link_epoch');
  log = new MemoryLog();
  source = new MemorySource();
  target = new MemoryTarget();
  ending = new AbortController();
  await tell(log, jobConfigured({ lanes: 1 }));
  registry = new JobRegistry(log);
  await registry.start(ending.signal);
  stop = new AbortController();
  const config = { SOURCE_TIMEOUT_MS: 1_000, TARGET_TIMEOUT_MS: 1_000 };
  const open = { source: async () => source.open(), target: async () => target };
  const logger = { error: () => undefined };
  const ports = { log, database, connection, registry, config, open, logger, appender: new Appender(log) };
  const rest = { now: () => new Date(anInstant), assertHeld: () => undefined };
  running = new JobImporter(aJob, { ...ports, ...rest } as unknown as ImporterPorts).run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
  ending.abort();
});

const name = mapping('displayName', { source: 'name', matching: 1 });
const openCycle = (cycleId: string, kind: 'initial' | 'incremental' = 'incremental') =>
  tell(
    log,
    newEvent(
      CycleOpened,
      { jobId: aJob, cycleId: asCycleId(cycleId), kind, rules: 1, watermark: null, by: { kind: 'system', name: 'provident' } },
      { lane: jobLane, stage: 'job-scheduler', id: `${cycleId}.opened` },
    ),
  );
const endOf = (cycleId: string): Promise<DataOf<typeof ImportCompleted>> =>
  eventually(() => log.events.find((event) => is(event, ImportCompleted) && event.data.cycleId === cycleId)?.data as never);
const cycle = async (cycleId: string, kind: 'initial' | 'incremental' = 'incremental') => {
  await openCycle(cycleId, kind);
  return endOf(cycleId);
};
/** What was said of a person, in order: whether on demand, and the last name. */
const saidOf = (anchor: string): string[] =>
  log.events
    .filter((event) => is(event, SourceObjectImported) && event.data.sourceId === anchor)
    .map(
      ({ lane, data }) =>
        `${isDemandLane(lane) ? 'demand' : 'cycle'} ${String((data as { attributes: { lastName: string } }).attributes.lastName)}`,
    );
const finds = () => target.calls.filter((call) => call === 'find p3').length;
/** The importer takes requests, and refuses what is none. */
const untilListening = () =>
  eventually(async () =>
    CommandAnswer.parse((await connection.request(demandSubject(aJob), '{}', { timeout: 5_000 })).json()).message.startsWith('not done'),
  );
/** Asks for a person, and waits until that was said; nobody here decides upon it. */
const ask = async (anchor: string): Promise<void> => {
  const before = saidOf(anchor).filter((each) => each.startsWith('demand')).length;
  await untilListening();
  connection.publish(demandSubject(aJob), JSON.stringify({ jobId: aJob, subjects: [{ id: anchor }], by: kim }));
  await eventually(() => saidOf(anchor).filter((each) => each.startsWith('demand')).length > before);
};
const named = (anchor: string, lastName: string): void => void source.people.set(anchor, personOf(anchor, { lastName }));

test('a person is read and looked up beside whatever else is going on, and it is said who asked', async () => {
  source.put('1');
  target.put('t-1', { userName: 'p1' });
  await ask('1');
  const said = log.events.filter(({ stage }) => stage === 'importer');
  expect(said.map(({ type, lane }) => [type, lane])).toEqual([
    [SourceObjectImported.type, 'd0'],
    [TargetObjectImported.type, 'd0'],
  ]);
  expect(said[1]!.data).toMatchObject({ by: 'matching', matches: [{ id: 't-1' }], demand: { by: kim, allowRemoval: false } });
});

describe('while a cycle is being imported', () => {
  beforeEach(async () => {
    source.put('1', '2', '3', '4');
    await cycle('c-1', 'initial');
  });

  test('who came after its reading began is not taken for gone', async () => {
    source.beforePage = async (page) => {
      if (page !== 1) return;
      source.put('9');
      await ask('9');
    };
    expect(await cycle('c-2')).toMatchObject({ read: 4, gone: 0, imported: 0 });
    expect(saidOf('9')).toEqual(['demand Doe 9']);
  });

  test('a page that is older than what was read on demand does not say the older values', async () => {
    named('3', 'Older');
    source.beforePage = async (page) => {
      if (page !== 1) return;
      named('3', 'Newest');
      await ask('3');
    };
    await cycle('c-2');
    expect(
      saidOf('3')
        .slice(1)
        .every((each) => each.endsWith('Newest')),
    ).toBe(true);
    source.beforePage = () => undefined;
    expect(await cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('a page that is still looking people up leaves out who was said on demand meanwhile', async () => {
    named('3', 'Older');
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
    const before = finds();
    await openCycle('c-2');
    await eventually(() => finds() > before);
    named('3', 'Newest');
    await ask('3');
    letGo();
    expect(await endOf('c-2')).toMatchObject({ imported: 0 });
    expect(saidOf('3')).toEqual(['cycle Doe 3', 'demand Newest']);
    expect(await cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('what was read on demand before a newer page came is read again before it is said', async () => {
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    named('3', 'Older');
    target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
    const before = finds();
    const asked = ask('3');
    await eventually(() => finds() > before);
    named('3', 'Newest');
    expect(await cycle('c-2')).toMatchObject({ imported: 1 });
    letGo();
    await asked;
    expect(saidOf('3')).toEqual(['cycle Doe 3', 'cycle Newest', 'demand Newest']);
  });
});

test('a group is imported like a person, where the job has rules for groups', async () => {
  source.join('a');
  const request = JSON.stringify({ jobId: aJob, subjects: [{ objectType: 'group', id: 'a' }], by: kim });
  await untilListening();
  const refusal = CommandAnswer.parse((await connection.request(demandSubject(aJob), request, { timeout: 5_000 })).json());
  expect(refusal).toMatchObject({ ok: false, message: `job "${aJob}" provisions no "group" objects` });
  const objects = [objectMapping(), objectMapping({ type: 'group', source: 'group', target: 'Group', attributes: [name] })];
  await tell(log, jobConfigured({ lanes: 1, objects }, 2));
  await eventually(() => registry.find(aJob)?.configured.revision === 2);
  connection.publish(demandSubject(aJob), request);
  const said = await eventually(() => log.events.find((event) => is(event, SourceObjectImported)));
  expect([isDemandLane(said.lane), said.data]).toMatchObject([true, { objectKey: 'group:a', change: 'added' }]);
});

test('nobody is imported for a stopped job', async () => {
  source.put('1');
  await tell(
    log,
    newEvent(JobStateChanged, { jobId: aJob, state: 'stopped', by: kim }, { lane: configLane, stage: 'job-scheduler', id: 'stopped' }),
  );
  await eventually(() => registry.find(aJob)?.state === 'stopped');
  await untilListening();
  const answer = CommandAnswer.parse(
    (
      await connection.request(demandSubject(aJob), JSON.stringify({ jobId: aJob, subjects: [{ id: '1' }], by: kim }), { timeout: 5_000 })
    ).json(),
  );
  expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('start it first') });
  expect(saidOf('1')).toEqual([]);
});
