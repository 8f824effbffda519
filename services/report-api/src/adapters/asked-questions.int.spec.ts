import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestReadModels, testReadModels } from '@provident/projection/testing';
import { readModelDataSource } from '@provident/report';
import { eventually } from '@provident/testing';

import { errorAnswer } from '../http/error-answer.js';
import { askedQuestions } from './asked-questions.js';

let models: TestReadModels;
let road: Awaited<ReturnType<typeof startRoad>>;

beforeAll(async () => {
  models = await testReadModels();
  road = await startRoad(models.url);
}, 60_000);
afterAll(async () => {
  await road?.close();
  await models?.close();
});

/** The way to a database, which may be blocked: what comes from there waits, and no connection is closed. */
async function startRoad(to: string) {
  const there = new URL(to);
  const sockets = new Set<Socket>();
  const answers = new Set<Socket>();
  let isBlocked = false;
  const server = createServer((here) => {
    const answering = connect(Number(there.port), there.hostname);
    for (const each of [here, answering]) {
      sockets.add(each);
      each.on('error', () => undefined); // the other end is told by its close
      each.on('close', () => {
        sockets.delete(each);
        here.destroy();
        answering.destroy();
      });
    }
    answers.add(answering);
    here.pipe(answering);
    answering.on('data', (bytes) => here.write(bytes));
    if (isBlocked) answering.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    block(): void {
      isBlocked = true;
      for (const each of answers) each.pause();
    },
    open(): void {
      isBlocked = false;
      for (const each of answers) each.resume();
    },
    async close(): Promise<void> {
      server.close();
      for (const each of sockets) each.destroy();
      await once(server, 'close');
    },
  };
}

test('where the database does not answer at all, whoever asked is told, and is answered again once it does', async () => {
  const dataSource = await readModelDataSource({ url: road.url, schema: models.schema, poolSize: 2 }).initialize();
  const { query } = askedQuestions(dataSource, { answersWithinMs: 500 });
  try {
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
    road.block();
    const error = await query('select 2 as two').catch((reason: unknown) => reason);
    expect(errorAnswer(error)).toMatchObject({ status: 503, body: { error: { code: 'no-database' } } });
    road.open();
    await eventually(async () => ((await query('select 3 as three')) as unknown[]).length === 1);
    expect(await Promise.all([4, 5, 6].map((each) => query(`select ${each} as each`)))).toEqual(
      [{ each: 4 }, { each: 5 }, { each: 6 }].map((row) => [row]),
    );
  } finally {
    await dataSource.destroy();
  }
}, 60_000);
