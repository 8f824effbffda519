import { beforeEach, expect, test } from '@jest/globals';

import { Appender } from './appender.js';
import { StaleWriter } from './event-log.js';
import { MemoryLog, retryDue, subjectIn, tell } from './testing/index.js';

const subject = (lane: string) => subjectIn(lane, 'escrow-retrier');
const expecting = (lane: string, sequence = 0) => new Map([[subject(lane), sequence]]);
const events = (lane: string, count: number) => Array.from({ length: count }, (_, at) => retryDue(`${lane}-${at}`, { lane }));

let log: MemoryLog;
let sizes: number[];
beforeEach(() => {
  log = new MemoryLog();
  sizes = [];
  log.fault = async (batch, store) => {
    sizes.push(batch.length);
    return store();
  };
});

test('what waits at the same time is appended together, and everybody gets the sequences of their own', async () => {
  const appender = new Appender(log);
  const sequences = await Promise.all(['0', '1', '2'].map((lane) => appender.append(events(lane, 2), expecting(lane))));
  expect(sizes).toEqual([2, 4]);
  expect(sequences).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(log.events.map(({ lane }) => lane)).toEqual(['0', '0', '1', '1', '2', '2']);
});

test('no append grows beyond a thousand events', async () => {
  const appender = new Appender(log);
  await Promise.all(['0', '1', '2', '3', '4'].map((lane) => appender.append(events(lane, 400), expecting(lane))));
  expect(sizes).toEqual([400, 800, 800]);
});

test('a stale one among them is refused alone', async () => {
  await tell(log, retryDue('theirs', { lane: '2' }));
  const appender = new Appender(log);
  const results = await Promise.allSettled(['0', '1', '2', '3'].map((lane) => appender.append(events(lane, 1), expecting(lane))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect((results[2] as PromiseRejectedResult).reason).toBeInstanceOf(StaleWriter);
  expect(log.events.map(({ lane }) => lane).sort()).toEqual(['0', '1', '2', '3']);
});

test('an answer that did not come fails everybody who waited for it, and nobody after them', async () => {
  const appender = new Appender(log);
  log.fault = async () => {
    log.fault = null;
    throw new Error('no answer');
  };
  const first = await Promise.allSettled([appender.append(events('0', 1), expecting('0'))]);
  expect(first).toMatchObject([{ status: 'rejected', reason: { message: 'no answer' } }]);
  expect(await appender.append(events('1', 1), expecting('1'))).toEqual([1]);
});

test('of two that name the same subject at the same time, the second is refused like any stale writer', async () => {
  const appender = new Appender(log);
  const blocking = appender.append(events('9', 1), expecting('9'));
  const results = await Promise.allSettled([1, 2].map(() => appender.append(events('0', 1), expecting('0'))));
  await blocking;
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(log.events.filter(({ lane }) => lane === '0')).toHaveLength(1);
});
