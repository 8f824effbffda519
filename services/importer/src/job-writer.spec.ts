import { beforeEach, describe, expect, test } from '@jest/globals';
import { Appender } from '@provident/bus';
import { MemoryLog, aJob, objectFacts } from '@provident/bus/testing';
import { objectKeyOf } from '@provident/domain';

import { sayFailed } from './cycle/import-objects.js';
import { JobWriter, type Saying } from './job-writer.js';

const keyOf = (anchor: number) => objectKeyOf('user', `${anchor}`);
const failure = { kind: 'invalid-source', code: 'invalid-record', message: 'no name' } as const;
const saying = (anchor: number, cycleId = 'c-1'): Saying => ({
  said: sayFailed(objectFacts(`${anchor}`, { cycleId }), `${anchor}`, 'source', null, failure),
  cause: 0,
});
const sayings = (from: number, count: number): Saying[] => Array.from({ length: count }, (_, at) => saying(from + at));

let log: MemoryLog;
const opened = async (): Promise<JobWriter> => {
  const writer = new JobWriter(aJob, 4, { log, appender: new Appender(log), now: () => new Date(), assertHeld: () => undefined });
  await writer.open();
  return writer;
};
beforeEach(() => {
  log = new MemoryLog();
});

describe('how far what was said of one object reaches', () => {
  test('is where it was spoken of last, in whichever lane', async () => {
    const writer = await opened();
    expect(writer.lastSequenceOf(keyOf(1))).toBe(0);
    await writer.append(sayings(1, 3));
    expect([1, 2, 3, 4].map((each) => writer.lastSequenceOf(keyOf(each)))).toEqual([1, 2, 3, 0]);
    await writer.appendOnDemand([saying(2, 'c-2')]);
    expect([1, 2].map((each) => writer.lastSequenceOf(keyOf(each)))).toEqual([1, 4]);
  });

  test('is not known of what somebody else said before: all of it may be about that object', async () => {
    await (await opened()).append(sayings(1, 3));
    const successor = await opened();
    expect([1, 9].map((each) => successor.lastSequenceOf(keyOf(each)))).toEqual([3, 3]);
    await successor.append([saying(1, 'c-2')]);
    expect([1, 9].map((each) => successor.lastSequenceOf(keyOf(each)))).toEqual([4, 3]);
  });

  test('is remembered of the last ten thousand; of all others it is where the last of them was spoken of', async () => {
    const writer = await opened();
    for (let from = 1; from <= 10_000; from += 500) await writer.append(sayings(from, 500));
    await writer.append([saying(1, 'c-2')]); // not the longest ago any more
    expect([1, 2, 3, 99_999].map((each) => writer.lastSequenceOf(keyOf(each)))).toEqual([10_001, 2, 3, 0]);
    await writer.append([saying(10_001)]);
    expect([1, 2, 3, 99_999].map((each) => writer.lastSequenceOf(keyOf(each)))).toEqual([10_001, 2, 3, 2]);
    await writer.append([saying(10_002)]);
    expect([1, 2, 3, 99_999].map((each) => writer.lastSequenceOf(keyOf(each)))).toEqual([10_001, 3, 3, 3]);
  });
});
