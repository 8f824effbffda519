import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectBroker, type EventLog, LogReplaced, openNatsLog } from '@provident/bus';
import { retryDue, subjectIn, tell } from '@provident/bus/testing';
import { type OwnNats, startOwnNats, type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { type TestReadModels, testReadModels } from '@provident/projection/testing';
import { addLandmark, FoldPosition, foldPositionTable, openDatabase, StateFold } from '@provident/service-kit';
import { eventually, type TempFolder, tempFolder } from '@provident/testing';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

import { eventLogSource } from './event-log-source.js';
import { LogBranchedOff, ProjectorLoop } from './projector-loop.js';

class Tables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(addLandmark);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE fold_position');
  }
}

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

let nats: OwnNats;
let server: TestDatabase;
let models: TestReadModels;
let state: DataSource;
let folder: TempFolder;
beforeEach(async () => {
  [nats, server, models, folder] = await Promise.all([startOwnNats(), testDatabase(), testReadModels(), tempFolder('older-log')]);
  state = await openDatabase({ url: server.url, schema: 'spec', entities: [FoldPosition], migrations: [Tables1764000000001] });
}, 120_000);
afterEach(async () => {
  await state?.destroy();
  await models?.close();
  await server?.drop();
  await nats?.stop();
  await folder?.remove();
});

async function withLog<Result>(use: (log: EventLog) => Promise<Result>): Promise<Result> {
  const connection = await connectBroker(nats.url, 'spec');
  try {
    return await use(await openNatsLog(connection));
  } finally {
    await connection.close();
  }
}

const tellOf = (...people: string[]) => withLog((log) => tell(log, ...people.map((id) => retryDue(id, { at: new Date().toISOString() }))));
const loopOn = (log: EventLog): ProjectorLoop =>
  new ProjectorLoop(models.dataSource, eventLogSource(log, 100), { schema: models.schema, logger });
const openFold = (log: EventLog): Promise<StateFold> =>
  StateFold.open(log, state, { name: 'spec', filters: [subjectIn('0', 'escrow-retrier')], apply: async () => undefined });

/** Takes everything into the read models and into a service's tables. */
const takeAll = () =>
  withLog(async (log) => {
    const ending = new AbortController();
    const projecting = loopOn(log).run(ending.signal);
    const head = await log.head();
    await (await openFold(log)).catchUp(ending.signal);
    await eventually(async () => {
      const [row] = await models.dataSource.query<{ sequence: number }[]>('select sequence from position');
      return row?.sequence === head;
    });
    ending.abort();
    await projecting;
    return head;
  });

test('an older copy of the log that was written on, past where the services stand, is refused with the remedy', async () => {
  const copy = join(folder.path, 'copy');
  await tellOf('a', 'b', 'c');
  await nats.restart('SIGTERM', (data) => cp(data, copy, { recursive: true }));
  await tellOf('d', 'e');
  expect(await takeAll()).toBe(5);
  await withLog(openFold); // what was copied is the same log, and nothing is amiss with it
  await nats.restart('SIGTERM', async (data) => {
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
  });
  await tellOf('d', 'e', 'f', 'g');
  await withLog(async (log) => {
    expect(await log.head()).toBe(7);
    const projecting = loopOn(log).run(new AbortController().signal);
    await expect(projecting).rejects.toThrow(LogBranchedOff);
    await expect(projecting).rejects.toThrow(/up to 5 of this log, but event 5 .* went back to an older state and was written on since/);
    const folding = openFold(log);
    await expect(folding).rejects.toThrow(LogReplaced);
    await expect(folding).rejects.toThrow(/event 5 .* written on since.*"provident restore --present-log"/);
  });
}, 120_000);
