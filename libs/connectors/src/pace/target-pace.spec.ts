import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type PaceLimit, type RequestKind, paceLimit } from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import { type Counting, ServiceMeter } from '../testing/limited-service.js';
import { MemoryBudgets } from '../testing/memory-budgets.js';
import type { Turn } from './request-pace.js';
import { TargetPace } from './target-pace.js';

let store: MemoryBudgets;
let ending: AbortController;
beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
  store = new MemoryBudgets();
  ending = new AbortController();
});
afterEach(() => {
  ending.abort();
  jest.useRealTimers();
});

const minute = 60_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets time go by, from one timer to the next, without a turn of the real event loop: hours pass in a moment. */
async function pass(ms: number): Promise<void> {
  let isOver = false;
  setTimeout(() => (isOver = true), ms);
  for (let steps = 0; !isOver; steps++) {
    if (steps > 1_000_000) throw new Error('time stands still');
    for (let settled = 0; settled < 40; settled++) await Promise.resolve();
    jest.advanceTimersToNextTimer();
  }
}

let parties = 0;
const party = (job: string, declared: readonly PaceLimit[], more: { store?: MemoryBudgets } = {}) =>
  TargetPace.open({ store, target: 'target', name: `${job}-${++parties}`, job, declared, ...more });

interface Load {
  readonly workers?: number;
  readonly latencyMs?: number;
  readonly kinds?: readonly RequestKind[];
  readonly urgent?: boolean;
  /** Requests after which it is done. */
  readonly most?: number;
  /** How long a worker has something else to do after each request. */
  readonly restsMs?: number;
  /** What a request that is refused is answered. */
  readonly refusal?: (waitMs: number) => { readonly status: number; readonly headers: Record<string, string> };
}

const tooMany = (waitMs: number) => ({ status: 429, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } });

/** Asks a service as fast as it may. */
function work(pace: TargetPace, service: Pick<ServiceMeter, 'ask'>, load: Load = {}) {
  const { workers = 8, latencyMs = 40, kinds = ['read', 'write'], urgent = false, most = Number.POSITIVE_INFINITY, restsMs = 0 } = load;
  const { refusal = tooMany } = load;
  const done = { read: 0, write: 0, asked: 0, waitedMs: 0, errors: [] as unknown[] };
  const all = Array.from({ length: workers }, async (_, worker) => {
    for (let each = worker; !ending.signal.aborted && done.asked < most; each++) {
      const kind = kinds[each % kinds.length]!;
      done.asked += 1;
      const askedAt = performance.now();
      const turn = await pace.take({ kind, urgent, signal: ending.signal });
      done.waitedMs = Math.max(done.waitedMs, performance.now() - askedAt);
      await sleep(latencyMs * (0.25 + ((each * 7) % 10) / 10));
      const wait = service.ask(performance.now());
      await sleep(latencyMs / 2);
      turn.finish(wait === null ? { status: 200, headers: {} } : refusal(wait));
      if (wait === null) done[kind] += 1;
      if (restsMs > 0) await sleep(restsMs);
    }
  });
  const ended = Promise.allSettled(all).then((results) => {
    for (const result of results) if (result.status === 'rejected') done.errors.push(result.reason);
  });
  return Object.assign(done, { ended });
}

const use = (service: ServiceMeter, from: { taken: number; at: number }) =>
  (service.taken - from.taken) / service.allowed(from.at, performance.now());
const refusedShare = ({ taken, refused }: ServiceMeter) => refused / (taken + refused);

describe('a declared limit is used up to 97 % and more, with next to no refusals', () => {
  const countings: Counting[] = ['fixed-window', 'sliding-window', 'bucket'];
  const cases = countings.flatMap((counting) => [
    { counting, requests: 100, perMs: minute, latencyMs: 40 },
    { counting, requests: 10, perMs: minute, latencyMs: 200 },
    { counting, requests: 300, perMs: 15_000, latencyMs: 40 },
    { counting, requests: 40, perMs: 5_000, latencyMs: 40 },
    { counting, requests: 100, perMs: 5_000, latencyMs: 200 },
  ]);
  test.each(cases)('$requests in $perMs ms, $counting', async ({ counting, requests, perMs, latencyMs }) => {
    const service = new ServiceMeter({ counting, requests, perMs }, 7_321);
    const limits = [paceLimit(requests, perMs)];
    const importer = work(await party('a', limits), service, { latencyMs, kinds: ['read'] });
    const exporter = work(await party('a', limits), service, { latencyMs, kinds: ['write'] });
    await pass(perMs);
    const from = { taken: service.taken, at: performance.now() };
    await pass(Math.max(3 * perMs, minute));
    expect(use(service, from)).toBeGreaterThanOrEqual(0.97);
    expect(refusedShare(service)).toBeLessThanOrEqual(0.001);
    expect(Math.min(importer.read, exporter.write) / Math.max(importer.read, exporter.write)).toBeGreaterThan(0.8);
  });
});

test('that the clock of the parties is set a little, again and again, makes no request come early', async () => {
  let [offset, step] = [0, 1];
  const setting = setInterval(() => {
    if (Math.abs(offset + step) > 4) step = -step;
    offset += step; // as much at a time as a comparison with the broker's may
  }, 300);
  store = new MemoryBudgets(() => performance.now() + offset);
  const limits = [paceLimit(500, 5_000)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 500, perMs: 5_000 });
  work(await party('a', limits), service, { latencyMs: 0, kinds: ['write'] });
  work(await party('a', limits), service, { latencyMs: 0, kinds: ['read'] });
  await pass(5_000);
  const from = { taken: service.taken, at: performance.now() };
  await pass(minute);
  clearInterval(setting);
  expect(service.refused).toBe(0);
  expect(use(service, from)).toBeGreaterThan(0.99);
});

test('two jobs, one of them on two instances, share a target alike', async () => {
  const limits = [paceLimit(100, minute)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 100, perMs: minute });
  const loads = [work(await party('a', limits), service), work(await party('b', limits), service), work(await party('b', limits), service)];
  await pass(4 * minute);
  const [a, ...b] = loads.map(({ read, write }) => read + write);
  expect(a! / (b[0]! + b[1]!)).toBeGreaterThan(0.85);
  expect(a! / (b[0]! + b[1]!)).toBeLessThan(1.15);
  expect(service.refused).toBe(0);
});

test('who comes later gets its share within a window, and all of it once the other is done', async () => {
  const limits = [paceLimit(100, minute)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 100, perMs: minute });
  work(await party('a', limits), service);
  await pass(3 * minute);
  const later = work(await party('b', limits), service, { most: 100 });
  await pass(minute);
  expect(later.read + later.write).toBeGreaterThan(30);
  await pass(2 * minute);
  const from = { taken: service.taken, at: performance.now() };
  await pass(3 * minute);
  expect(use(service, from)).toBeGreaterThan(0.97);
  expect(service.refused).toBe(0);
});

test('what a party holds and has no use for is used by the others at once', async () => {
  const limits = [paceLimit(200, 20_000)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 200, perMs: 20_000 });
  work(await party('a', limits), service, { workers: 1, most: 3 });
  await pass(500);
  work(await party('a', limits), service);
  await pass(500);
  const from = { taken: service.taken, at: performance.now() };
  await pass(5_000);
  expect(use(service, from)).toBeGreaterThan(0.97);
  await pass(60_000);
  expect(use(service, from)).toBeGreaterThan(0.97);
  expect(service.refused).toBe(0);
});

test('a job with little to do has what it needs, however much another wants; what it leaves is not lost', async () => {
  const limits = [paceLimit(200, 10_000)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 200, perMs: 10_000 });
  work(await party('a', limits), service, { workers: 64 });
  const small = work(await party('b', limits), service, { workers: 2, restsMs: 500 });
  await pass(20_000);
  const [from, before] = [{ taken: service.taken, at: performance.now() }, small.read + small.write];
  small.waitedMs = 0;
  await pass(minute);
  expect(small.read + small.write - before).toBeGreaterThan(200); // it cannot make more than 222
  expect(small.waitedMs).toBeLessThan(1_000);
  expect(use(service, from)).toBeGreaterThanOrEqual(0.97);
  expect(service.refused).toBe(0);
});

/** Asks for so many at a time, and has something else to do after each time. */
async function workInTurns(pace: TargetPace, service: ServiceMeter, kind: RequestKind, atATime: number, restsMs: number): Promise<void> {
  while (!ending.signal.aborted) {
    await work(pace, service, { kinds: [kind], latencyMs: 4, most: atATime }).ended;
    await sleep(restsMs);
  }
}

describe('what a cycle reads with does not lie idle while it rests: what it writes with uses it at once', () => {
  test.each<Counting>(['fixed-window', 'sliding-window', 'bucket'])('%s', async (counting) => {
    const limits = [paceLimit(500, 5_000)];
    const service = new ServiceMeter({ counting, requests: 500, perMs: 5_000 }, 1_234);
    void workInTurns(await party('a', limits), service, 'read', 200, 900);
    work(await party('a', limits), service, { kinds: ['write'], latencyMs: 4 });
    await pass(10_000);
    const from = { taken: service.taken, at: performance.now() };
    await pass(2 * minute);
    expect(use(service, from)).toBeGreaterThan(0.97);
    expect(service.refused).toBe(0);
  });
});

test('of two jobs the one with a tenth of the work is done when the other has hardly done more', async () => {
  const limits = [paceLimit(100, 10_000)];
  const service = new ServiceMeter({ counting: 'fixed-window', requests: 100, perMs: 10_000 });
  const beganAt = performance.now();
  const large = work(await party('a', limits), service, { workers: 64, most: 1_000 });
  const small = work(await party('b', limits), service, { most: 100 });
  while (small.read + small.write < 100) await pass(1_000);
  expect(large.read + large.write).toBeLessThan(150);
  while (large.read + large.write < 1_000) await pass(1_000);
  expect(service.refused).toBe(0);
  expect(performance.now() - beganAt).toBeLessThan(110_000 * 1.03);
});

test('more parties than slots: all have their turn', async () => {
  const limits = [paceLimit(2, minute)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 2, perMs: minute });
  const loads = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (job) => work(await party(job, limits), service)));
  await pass(8 * minute);
  for (const { read, write } of loads) expect(read + write).toBeGreaterThan(1);
  expect(service.refused).toBe(0);
});

test('what somebody waits for in person goes first, while others have taken everything', async () => {
  const limits = [paceLimit(100, minute)];
  const service = new ServiceMeter({ counting: 'sliding-window', requests: 100, perMs: minute });
  const busy = await party('a', limits);
  work(busy, service, { workers: 64 });
  await pass(3 * minute);
  const onDemand = [
    work(busy, service, { workers: 1, urgent: true, most: 3 }),
    work(await party('a', limits), service, { workers: 1, urgent: true, most: 3 }),
  ];
  await pass(30_000);
  for (const { read, write, waitedMs } of onDemand) {
    expect(read + write).toBe(3);
    expect(waitedMs).toBeLessThan(10_000);
  }
});

test('limits of reads and of writes hold beside each other, and those of one kind do not keep the other', async () => {
  const limits = [paceLimit(100, minute), paceLimit(20, minute, 'writes')];
  const pace = await party('a', limits);
  const [all, writes] = [100, 20].map((requests) => new ServiceMeter({ counting: 'sliding-window', requests, perMs: minute }));
  const reading = work(pace, all!, { kinds: ['read'] });
  const writing = work(pace, writes!, { kinds: ['write'] });
  await pass(5 * minute);
  expect([writes!.refused, writing.write]).toEqual([0, expect.any(Number)]);
  expect(writing.write).toBeGreaterThan(95);
  expect(reading.read).toBeGreaterThan(380);
  expect(reading.read + writing.write).toBeLessThanOrEqual(600);
});

test('requests at once are never more than all parties may make together', async () => {
  const limits = [paceLimit(3, 0, 'all', 3)];
  let [now, most, made] = [0, 0, 0];
  for (const job of ['a', 'b', 'c', 'd']) {
    const pace = await party(job, limits);
    for (let worker = 0; worker < 5; worker++)
      void (async () => {
        while (!ending.signal.aborted) {
          const turn = await pace.take({ kind: 'write', urgent: false, signal: ending.signal });
          most = Math.max(most, ++now);
          await sleep(50);
          now -= 1;
          made += 1;
          turn.finish({ status: 200, headers: {} });
        }
      })().catch(() => undefined);
  }
  await pass(minute);
  expect(most).toBe(3);
  expect(made).toBeGreaterThan(2_500);
});

test('a declared limit is believed although one of the first requests is refused', async () => {
  const pace = await party('a', [paceLimit(200, 10_000)]);
  let asked = 0;
  const done = work(pace, { ask: () => (++asked === 2 ? 500 : null) }, { kinds: ['read'] });
  await pass(minute);
  expect(pace.counts()).toMatchObject({ refused: 1, limits: [{ slots: 200, of: 'all' }] });
  expect(done.read).toBeGreaterThan(0.97 * 6 * 200 - 20);
});

describe('the others', () => {
  test('take over the slots of a party that died, and count its requests as made at the last moment', async () => {
    const limits = [paceLimit(100, minute)];
    const service = new ServiceMeter({ counting: 'sliding-window', requests: 100, perMs: minute });
    const dying = new MemoryBudgets();
    Object.assign(dying, { stored: Reflect.get(store, 'stored'), listeners: Reflect.get(store, 'listeners') });
    const dead = await party('a', limits, { store: dying });
    work(dead, service);
    work(await party('b', limits), service);
    await pass(3 * minute);
    dying.isAway = true;
    await pass(2 * minute);
    const from = { taken: service.taken, at: performance.now() };
    await pass(2 * minute);
    expect(use(service, from)).toBeGreaterThan(0.97);
    expect(service.refused).toBe(0);
  });

  test('are not disturbed by one that slept and believes that it still holds its slots', async () => {
    const limits = [paceLimit(50, minute)];
    const service = new ServiceMeter({ counting: 'sliding-window', requests: 50, perMs: minute });
    const cut = new MemoryBudgets();
    Object.assign(cut, { stored: Reflect.get(store, 'stored'), listeners: Reflect.get(store, 'listeners') });
    const sleeper = work(await party('a', limits, { store: cut }), service);
    work(await party('b', limits), service);
    await pass(2 * minute);
    cut.isAway = true;
    await pass(20_000);
    const before = sleeper.read + sleeper.write;
    await pass(2 * minute);
    expect(sleeper.read + sleeper.write).toBe(before);
    cut.isAway = false;
    await pass(5 * minute);
    expect(sleeper.read + sleeper.write).toBeGreaterThan(before + 60);
    expect(service.refused).toBe(0);
  });
});

describe('without a declaration', () => {
  test('nothing is waited for, nothing is shared and nothing is written', async () => {
    const pace = await party('a', []);
    const turn = pace.take({ kind: 'write', urgent: false, signal: ending.signal });
    expect(turn).not.toBeInstanceOf(Promise);
    (await turn).finish({ status: 201, headers: { 'content-type': 'application/scim+json' } });
    await pass(minute);
    expect([store.writes, jest.getTimerCount(), pace.counts().waited]).toEqual([0, 0, 0]);
  });

  const some: Counting[] = ['fixed-window', 'sliding-window', 'bucket'];
  test.each(
    some.flatMap((counting) => [
      { counting, requests: 60, perMs: minute, longMs: 12 * minute },
      { counting, requests: 500, perMs: 5_000, longMs: 4 * minute },
    ]),
  )(
    'a target that refuses ($requests in $perMs ms, $counting) is learned from, with few refusals in the long run',
    async ({ longMs, ...limit }) => {
      const service = new ServiceMeter(limit, 17_000);
      work(await party('a', []), service, { kinds: ['read'] });
      work(await party('a', []), service, { kinds: ['write'] });
      await pass(longMs / 3);
      const [from, refused] = [{ taken: service.taken, at: performance.now() }, service.refused];
      await pass(longMs);
      expect(use(service, from)).toBeGreaterThan(0.95);
      expect((service.refused - refused) / (service.taken - from.taken)).toBeLessThan(0.02);
    },
  );

  test.each(['sliding-window', 'fixed-window'] as const)(
    'cycles of a minute, the first of which only writes, lose little to finding out, and from the third on next to nothing (%s)',
    async (counting) => {
      const [requests, perMs, most] = [500, 5_000, 6_000];
      const service = new ServiceMeter({ counting, requests, perMs }, 7_321);
      const cycle = async (kinds: readonly RequestKind[]) => {
        const pace = await party('a', []);
        const begin = performance.now();
        const done = work(pace, service, { most, kinds, latencyMs: 4, workers: 16 });
        await pass(perMs); // a rested target takes more at first
        const [from, refused] = [{ taken: service.taken, at: performance.now() }, service.refused];
        while (done.asked < most) await pass(100);
        const result = { used: use(service, from), refused: (service.refused - refused) / (service.taken - from.taken) };
        expect(performance.now() - begin).toBeLessThan(80_000);
        await pass(minute);
        void pace.close();
        await pass(1_000);
        return result;
      };
      expect((await cycle(['write'])).used).toBeGreaterThan(0.93);
      expect((await cycle(['read', 'write'])).used).toBeGreaterThan(0.93);
      for (let known = 0; known < 3; known++) {
        const { used, refused } = await cycle(['read', 'write']);
        expect(used).toBeGreaterThan(0.96);
        expect(refused).toBeLessThanOrEqual(0.001);
      }
    },
  );

  test('what a target allows is found anew when it allows less amid the work, and more again later', async () => {
    const of = (requests: number) => new ServiceMeter({ counting: 'sliding-window', requests, perMs: 10_000 }, 3_000);
    let service = of(100);
    work(await party('a', []), { ask: (now) => service.ask(now) });
    await pass(minute);
    for (const [requests, foundInMs] of [
      [20, 2 * minute],
      [60, 6 * minute],
    ] as const) {
      service = of(requests);
      await pass(foundInMs);
      const [from, refused] = [{ taken: service.taken, at: performance.now() }, service.refused];
      await pass(2 * minute);
      expect(use(service, from)).toBeGreaterThan(0.9);
      expect((service.refused - refused) / (service.taken - from.taken)).toBeLessThan(0.03);
    }
  });

  test('what was found out holds in the next cycle, which begins with it; after a day of rest it is forgotten', async () => {
    const service = new ServiceMeter({ counting: 'sliding-window', requests: 60, perMs: minute });
    const cycle = async (most: number) => {
      const [from, refused] = [{ taken: service.taken, at: performance.now() }, service.refused];
      const pace = await party('a', []);
      const done = work(pace, service, { most });
      while (done.asked < most) await pass(1_000);
      const result = { used: use(service, from), refused: service.refused - refused, waited: pace.counts().waited };
      await pass(2 * minute);
      void pace.close();
      await pass(1_000);
      return result;
    };
    expect((await cycle(400)).refused).toBeGreaterThan(0);
    await pass(40 * minute);
    const { used, refused } = await cycle(200);
    expect(used).toBeGreaterThan(0.95);
    expect(refused).toBeLessThanOrEqual(2);
    await pass(25 * 60 * minute);
    expect((await cycle(30)).waited).toBeLessThanOrEqual(8); // until the first of each worker has asked the others
  });

  test('a target that refuses only writes gets as many reads as before, while no write is tried before its time', async () => {
    const writes = new ServiceMeter({ counting: 'fixed-window', requests: 50, perMs: 10_000 }, 5_000);
    const pace = await party('a', []);
    const reading = work(pace, { ask: () => null }, { kinds: ['read'] });
    const other = work(await party('b', []), { ask: () => null }, { kinds: ['read'] });
    const writing = work(pace, writes, { kinds: ['write'] });
    await pass(2 * minute);
    const possible = (8 * 2 * minute) / 48;
    expect([reading.read / possible, other.read / possible]).toEqual([expect.closeTo(1, 1), expect.closeTo(1, 1)]);
    expect(writing.write / writes.allowed(0, 2 * minute)).toBeGreaterThan(0.85);
    expect(writes.refused / writes.taken).toBeLessThan(0.05);
    expect(pace.counts().limits.map(({ of }) => of)).toEqual(['writes']);
  });

  test('a target that answers 503 when it cannot keep up is learned from as well', async () => {
    const service = new ServiceMeter({ counting: 'bucket', requests: 100, perMs: 10_000 });
    work(await party('a', []), service, { refusal: () => ({ status: 503, headers: {} }) });
    await pass(2 * minute);
    const [from, refused] = [{ taken: service.taken, at: performance.now() }, service.refused];
    await pass(3 * minute);
    expect(use(service, from)).toBeGreaterThan(0.9);
    expect((service.refused - refused) / (service.taken - from.taken)).toBeLessThan(0.12);
  });

  test('one that fails now and then is not taken for one that cannot keep up', async () => {
    let asked = 0;
    const pace = await party('a', []);
    const done = work(pace, { ask: () => (++asked % 20 === 0 ? 1 : null) }, { refusal: () => ({ status: 503, headers: {} }) });
    await pass(minute);
    expect(done.asked).toBeGreaterThan(0.9 * 8 * (minute / 48));
    expect([pace.counts().waited, store.writes]).toEqual([0, 0]);
  });

  test('what a target allows is found anew when it allows more', async () => {
    let service = new ServiceMeter({ counting: 'bucket', requests: 30, perMs: minute });
    const done = work(await party('a', []), { ask: (now) => service.ask(now) });
    await pass(4 * minute);
    service = new ServiceMeter({ counting: 'bucket', requests: 300, perMs: minute });
    await pass(15 * minute);
    const before = done.read + done.write;
    await pass(minute);
    expect(done.read + done.write - before).toBeGreaterThan(60);
  });

  test('the target is left alone as long as it asks, by all jobs', async () => {
    const [one, other] = [await party('a', []), await party('b', [])];
    const take = (pace: TargetPace) => pace.take({ kind: 'read', urgent: false, signal: ending.signal });
    (await take(one)).finish({ status: 503, headers: { 'retry-after': '30' } });
    await pass(100);
    const waiting = [take(one), take(other)];
    let let_in = 0;
    for (const turn of waiting) void Promise.resolve(turn).then(() => (let_in += 1));
    await pass(29_000);
    expect(let_in).toBe(0);
    await pass(2_000);
    expect(let_in).toBe(2);
  });

  test('a date and an announced reset are obeyed like seconds', async () => {
    const ways: (() => Record<string, string>)[] = [
      () => ({ 'retry-after': new Date(Date.now() + 20_000).toUTCString() }),
      () => ({ 'retry-after': new Date(Date.now() + 3_620_000).toUTCString(), date: new Date(Date.now() + 3_600_000).toUTCString() }),
      () => ({ 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 20) }),
      () => ({ 'ratelimit-reset': '20' }),
    ];
    for (const way of ways) {
      store = new MemoryBudgets();
      const pace = await party('a', []);
      (await pace.take({ kind: 'read', urgent: false, signal: ending.signal })).finish({ status: 429, headers: way() });
      let isIn = false;
      void Promise.resolve(pace.take({ kind: 'read', urgent: false, signal: ending.signal })).then(() => (isIn = true));
      await pass(18_000);
      expect(isIn).toBe(false);
      await pass(5_000);
      expect(isIn).toBe(true);
    }
  });

  test('a target that announces what is left is never asked for more', async () => {
    const pace = await party('a', []);
    let [left, refused, taken] = [50, 0, 0];
    let windowEnd = performance.now() + minute;
    const windows = setInterval(() => {
      left = 50;
      windowEnd = performance.now() + minute;
    }, minute);
    const all = Array.from({ length: 8 }, async () => {
      while (!ending.signal.aborted) {
        const turn = await pace.take({ kind: 'read', urgent: false, signal: ending.signal });
        await sleep(20);
        const isTaken = left > 0;
        if (isTaken) left -= 1;
        const headers = {
          'ratelimit-policy': '"default";q=50;w=60',
          ratelimit: `"default";r=${left};t=${Math.ceil((windowEnd - performance.now()) / 1_000)}`,
        };
        turn.finish({ status: isTaken ? 200 : 429, headers });
        if (isTaken) taken += 1;
        else refused += 1;
      }
    });
    for (const each of all) each.catch(() => undefined);
    await pass(6 * minute);
    clearInterval(windows);
    expect(refused).toBe(0);
    expect(taken).toBeGreaterThan(220);
  });
});

describe('waiting', () => {
  const take = (pace: TargetPace, signal = ending.signal) => Promise.resolve(pace.take({ kind: 'write', urgent: false, signal }));

  test('for hours is no waiting: who asks is told so at once', async () => {
    const pace = await party('a', []);
    (await take(pace)).finish({ status: 429, headers: { 'retry-after': '7200' } });
    const refused = take(pace).catch((error: unknown) => error);
    await pass(10);
    const error = (await refused) as ConnectorError;
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({
      kind: 'throttled',
      facts: { code: 'paused', message: expect.stringMatching(/^not tried.*left alone for 2 h$/) },
    });
  });

  test('for the next day’s allowance neither', async () => {
    const pace = await party('a', [paceLimit(5, 86_400_000, 'all', 5)]);
    for (let each = 0; each < 5; each++) {
      const turn = take(pace);
      await pass(10);
      (await turn).finish({ status: 201, headers: {} });
    }
    const refused = take(pace).catch((error: unknown) => error);
    await pass(10);
    expect(await refused).toMatchObject({
      kind: 'throttled',
      facts: { message: expect.stringMatching(/what the target allows is used up for 24 h/) },
    });
  });

  test('ends at once when it is given up, and the next in the queue goes', async () => {
    const pace = await party('a', [paceLimit(1, 10_000)]);
    const first = take(pace);
    await pass(10);
    (await first).finish({ status: 201, headers: {} });
    const mine = new AbortController();
    const given = take(pace, mine.signal).catch((error: Error) => error.name);
    const next = take(pace);
    await pass(10);
    mine.abort();
    expect(await given).toBe('AbortError');
    await pass(10_010);
    expect((await next).kind).toBe('write');
  });

  test('after a refusal is for the answer to one request; only when that is taken the others go', async () => {
    const pace = await party('a', [paceLimit(100, 1_000)]);
    const first = take(pace);
    await pass(10);
    const refused = { status: 429, headers: { 'retry-after': '2' } };
    (await first).finish(refused);
    const admitted: Turn[] = [];
    for (let each = 0; each < 4; each++) void take(pace).then((turn) => admitted.push(turn));
    await pass(10_000);
    expect(admitted).toHaveLength(1);
    admitted.pop()!.finish(refused);
    await pass(10_000);
    expect(admitted).toHaveLength(1);
    admitted[0]!.giveBack(); // it was not made: another goes ahead
    await pass(1_000);
    expect(admitted).toHaveLength(2);
    admitted[1]!.finish({ status: 201, headers: {} });
    await pass(1_000);
    expect(admitted).toHaveLength(3);
  });

  test('a turn that was given back goes to the next at once', async () => {
    const pace = await party('a', [paceLimit(1, minute)]);
    const first = take(pace);
    await pass(10);
    const second = take(pace);
    (await first).giveBack();
    await pass(10);
    expect((await second).kind).toBe('write');
  });
});
