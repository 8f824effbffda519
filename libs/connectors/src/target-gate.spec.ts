import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { ConnectorError, type ConnectorErrorFacts } from './connector-error.js';
import { TargetGate } from './target-gate.js';

const failure = (kind: ConnectorErrorFacts['kind'], more: Partial<ConnectorErrorFacts> = {}) =>
  new ConnectorError({ kind, code: `test-${kind}`, message: `it is ${kind}`, ...more });

let gate: TargetGate;
let ending: AbortController;
let requests: number;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  gate = new TargetGate(3);
  ending = new AbortController();
  requests = 0;
});
afterEach(() => void jest.useRealTimers());

/** Passes with what the n-th request does; the last stays for all that follow. */
function pass(...outcomes: (ConnectorError | string)[]): Promise<string> {
  const mine = [...outcomes];
  return gate.pass(async () => {
    requests++;
    const outcome = mine.length > 1 ? mine.shift()! : mine[0]!;
    if (outcome instanceof ConnectorError) throw outcome;
    return outcome;
  }, ending.signal);
}

/** The promise's end, if it has come after so much time. */
async function after(ms: number, promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waiting';
  promise.then(
    (value) => (state = value),
    (error: Error) => (state = error instanceof ConnectorError ? `failed ${error.kind}` : error.name),
  );
  await jest.advanceTimersByTimeAsync(ms);
  return state;
}

const failTimes = async (times: number, kind: ConnectorErrorFacts['kind']): Promise<void> => {
  for (let time = 0; time < times; time++) await after(20_000, pass(failure(kind)));
};

describe('requests', () => {
  test('are never more at once than the target stands, and all have their turn', async () => {
    let now = 0;
    let most = 0;
    const all = Array.from({ length: 20 }, (_, at) =>
      gate.pass(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 10 + (at % 3)));
        now--;
        if (at % 5 === 0) throw failure('rejected');
        return at;
      }, ending.signal),
    );
    const results = Promise.allSettled(all);
    await jest.advanceTimersByTimeAsync(500);
    expect((await results).filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
    expect([most, now]).toEqual([3, 0]);
  });

  test('that fail for the object alone are not repeated', async () => {
    for (const kind of ['rejected', 'conflict', 'gone', 'forbidden', 'unknown-outcome', 'misconfigured'] as const) {
      requests = 0;
      expect([await after(0, pass(failure(kind))), requests]).toEqual([`failed ${kind}`, 1]);
    }
  });

  test('that no answer came to are repeated where doing it twice is the same as once', async () => {
    const answers = [failure('unknown-outcome'), failure('unknown-outcome'), 'done'];
    const request = jest.fn(async () => {
      const answer = answers.shift()!;
      if (typeof answer !== 'string') throw answer;
      return answer;
    });
    expect(await after(5_000, gate.pass(request, ending.signal, { repeatable: true }))).toBe('done');
    expect(request).toHaveBeenCalledTimes(3);
  });

  test('that fail with a bug are not repeated, and give their place back', async () => {
    for (let time = 0; time < 5; time++) {
      await expect(gate.pass(() => Promise.reject(new TypeError('a bug')), ending.signal)).rejects.toThrow('a bug');
    }
    expect(await pass('fine')).toBe('fine');
  });

  test('to a target that stumbles are repeated a few times, later each time', async () => {
    const done = pass(failure('unavailable'), failure('unavailable'), 'fine');
    expect([await after(100, done), requests]).toEqual(['waiting', 1]);
    expect([await after(250, done), requests]).toEqual(['waiting', 2]);
    expect([await after(700, done), requests]).toEqual(['fine', 3]);
  });

  test('to a target that stays away fail in the end', async () => {
    expect([await after(20_000, pass(failure('unavailable'))), requests]).toEqual(['failed unavailable', 4]);
  });
});

describe('throttling', () => {
  test('is waited out as long as the target asks for, by everybody', async () => {
    const first = pass(failure('throttled', { retryAfterMs: 7_000 }), 'fine');
    await after(0, first);
    const second = pass('fine too');
    expect([await after(6_900, first), await after(0, second), requests]).toEqual(['waiting', 'waiting', 1]);
    expect([await after(200, first), await after(0, second), requests]).toEqual(['fine', 'fine too', 3]);
  });

  test('without a time is waited out longer and longer', async () => {
    const done = pass(failure('throttled'), failure('throttled'), 'fine');
    expect([await after(450, done), requests]).toEqual(['waiting', 1]);
    expect([await after(100, done), requests]).toEqual(['waiting', 2]);
    expect([await after(1_100, done), requests]).toEqual(['fine', 3]);
  });

  test('is no failure: it neither uses up the tries nor closes the gate', async () => {
    const throttled = Array.from({ length: 30 }, () => failure('throttled', { retryAfterMs: 10 }));
    expect(await after(2_000, pass(...throttled, 'fine'))).toBe('fine');
  });

  test('for longer than ten minutes is not waited out: nobody is kept for hours', async () => {
    const done = pass(failure('throttled', { retryAfterMs: 2 * 3_600_000 }), 'fine');
    expect([await after(0, done), requests]).toEqual(['failed throttled', 1]);
    expect(await after(0, pass('fine'))).toBe('fine');
  });

  const always = (retryAfterMs: number) => () => Promise.reject(failure('throttled', { retryAfterMs }));

  test('that goes on for ten minutes is over for whoever it meets, while others get through', async () => {
    const unlucky = gate.pass(always(60_000), ending.signal);
    await after(0, unlucky);
    for (let minute = 0; minute < 9; minute++) {
      const lucky = pass('fine');
      expect([await after(60_500, lucky), await after(0, unlucky)]).toEqual(['fine', 'waiting']);
    }
    expect(await after(120_000, unlucky)).toBe('failed throttled');
    expect(await after(0, pass('fine'))).toBe('fine');
  });

  test('of everybody for ten minutes closes the gate, and each try after that is the last, until one gets through', async () => {
    const first = gate.pass(always(60_000), ending.signal);
    expect(await after(590_000, first)).toBe('waiting');
    expect(await after(12_000, first)).toBe('failed throttled');
    await expect(pass('fine')).rejects.toMatchObject({ kind: 'throttled', message: expect.stringMatching(/^not tried/) });
    expect(requests).toBe(0);
    await after(16_000, first);
    expect(await after(0, gate.pass(always(60_000), ending.signal))).toBe('failed throttled');
    await after(16_000, first);
    expect(await after(0, pass('fine'))).toBe('fine');
    expect(await after(1_000, pass(failure('throttled', { retryAfterMs: 500 }), 'fine too'))).toBe('fine too');
  });
});

describe('the gate', () => {
  test('closes after ten failures in a row that are the target’s, and nothing is tried for a while', async () => {
    await failTimes(9, 'unknown-outcome');
    expect(await after(0, pass('fine'))).toBe('fine'); // the series is broken
    await failTimes(9, 'unknown-outcome');
    await after(0, pass(failure('unknown-outcome')));
    requests = 0;
    await expect(pass('fine')).rejects.toMatchObject({
      kind: 'unknown-outcome',
      message: expect.stringMatching(/^not tried, .*it is unknown-outcome/),
    });
    expect(requests).toBe(0);
  });

  test('closes at once when the credentials are bad', async () => {
    await after(0, pass(failure('unauthorized')));
    await expect(pass('fine')).rejects.toMatchObject({ kind: 'unauthorized', message: expect.stringMatching(/^not tried/) });
  });

  test('lets through again after a while, and closes at once should the target still fail', async () => {
    await after(0, pass(failure('unauthorized')));
    expect(await after(14_000, pass('fine'))).toBe('failed unauthorized');
    await jest.advanceTimersByTimeAsync(1_100);
    expect(await after(0, pass('fine'))).toBe('fine');
    await after(0, pass(failure('unauthorized')));
    await jest.advanceTimersByTimeAsync(15_100);
    expect(await after(0, pass(failure('unauthorized')))).toBe('failed unauthorized');
    await expect(pass('fine')).rejects.toThrow(/^not tried/);
  });

  test('is not closed by failures that are the objects’', async () => {
    await failTimes(30, 'rejected');
    await failTimes(30, 'forbidden');
    expect(await pass('fine')).toBe('fine');
  });

  test('stops those who are trying again when it closes', async () => {
    const waiting = pass(failure('unavailable'), 'fine');
    await after(0, waiting);
    await after(0, pass(failure('unauthorized')));
    expect(await after(1_000, waiting)).toBe('failed unauthorized');
  });
});

describe('giving up', () => {
  test('ends whoever waits: for a pause, for another try', async () => {
    const throttled = pass(failure('throttled', { retryAfterMs: 60_000 }));
    const stumbling = new TargetGate(1).pass(() => Promise.reject(failure('unavailable')), ending.signal);
    await after(10, throttled);
    await after(10, stumbling);
    ending.abort();
    expect([await after(0, throttled), await after(0, stumbling)]).toEqual(['AbortError', 'AbortError']);
  });

  test('ends whoever waits for a place, and leaves the places as they were', async () => {
    const one = new TargetGate(1);
    const holding = one.pass(() => new Promise((resolve) => setTimeout(resolve, 1_000)), new AbortController().signal);
    const queued = one.pass(async () => ++requests, ending.signal);
    await after(10, queued);
    ending.abort();
    await after(1_000, holding);
    expect([await after(0, queued), requests]).toEqual(['AbortError', 0]);
    expect(await one.pass(async () => 'fine', new AbortController().signal)).toBe('fine');
  });

  test('says nothing of the target: requests that were cut off do not close the gate for others', async () => {
    for (let time = 0; time < 12; time++) {
      const mine = new AbortController();
      const cutOff = gate.pass(async () => {
        mine.abort();
        throw failure('unknown-outcome', { code: 'aborted' });
      }, mine.signal);
      expect(await after(0, cutOff)).toBe('AbortError');
    }
    expect(await pass('fine')).toBe('fine');
  });
});

test('a gate that was closed lets through again once somebody knows better', async () => {
  expect(await after(0, pass(failure('unauthorized')))).toBe('failed unauthorized');
  expect(await after(0, pass('fine'))).toBe('failed unauthorized');
  expect(requests).toBe(1);
  gate.reopen();
  expect(await pass('fine')).toBe('fine');
});
