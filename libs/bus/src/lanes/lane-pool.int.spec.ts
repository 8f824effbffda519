import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { JobStateChanged, configLane, objectLanes } from '@provident/contracts';
import { testNatsUrl } from '@provident/embedded/testing';
import { eventually, eventuallyHolds } from '@provident/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import { StaleWriter } from '../event-log.js';
import { JobRegistry } from '../job-registry.js';
import { connectBroker } from '../nats/connect.js';
import { MemoryLog, aJob, jobConfigured, newEvent, tell } from '../testing/index.js';
import { LeaseLost } from './lane-program.js';
import { LanePool } from './lane-pool.js';
import { Leases } from './leases.js';

/** One instance of a service, and what its pool does. */
interface Instance {
  readonly pool: LanePool;
  /** By the names of their units. */
  readonly running: Set<string>;
  readonly began: { lane: string; at: number }[];
  readonly ended: { lane: string; at: number }[];
  readonly troubles: unknown[];
  readonly connection: NatsConnection;
}

let service: string;
let log: MemoryLog;
let stop: AbortController;
let instances: Instance[];
beforeEach(async () => {
  service = `spec-${randomUUID()}`;
  log = new MemoryLog();
  stop = new AbortController();
  instances = [];
  await tell(log, jobConfigured({ lanes: 4 }));
});
afterEach(async () => {
  await Promise.all(instances.map(({ pool }) => pool.stop()));
  for (const { connection } of instances) await connection.close();
  stop.abort();
});

async function start(
  name: string,
  work: (lane: string, assertHeld: () => void) => Promise<void> = async () => undefined,
): Promise<Instance> {
  const connection = await connectBroker(testNatsUrl(), 'spec');
  const leases = await Leases.join(connection, service, name);
  const registry = new JobRegistry(log);
  await registry.start(stop.signal);
  const instance = { running: new Set<string>(), began: [], ended: [], troubles: [], connection } as unknown as Instance;
  const pool = new LanePool({ leases, registry, onTrouble: (_, error) => void instance.troubles.push(error) }, (jobId, lanes) =>
    objectLanes(lanes).map((lane) => ({
      unit: { jobId, lane },
      kind: jobId,
      run: async (signal, assertHeld) => {
        instance.began.push({ lane, at: performance.now() });
        instance.running.add(`${jobId}.${lane}`);
        try {
          await work(lane, assertHeld);
          await new Promise<void>((resolve) =>
            signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
          );
        } finally {
          instance.running.delete(`${jobId}.${lane}`);
          instance.ended.push({ lane, at: performance.now() });
        }
      },
    })),
  );
  pool.start();
  const whole = Object.assign(instance, { pool });
  instances.push(whole);
  return whole;
}

const lanesOf = (...some: Instance[]): string[] => some.flatMap(({ running }) => [...running].map(laneIn)).sort();
const laneIn = (unit: string): string => unit.split('.')[1]!;
const everyLane = ['0', '1', '2', '3'];

test('one instance does everything, a second takes half of it over, and gives it back when it stops', async () => {
  const one = await start('one');
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
  const two = await start('two');
  let twice = 0;
  await eventually(() => {
    if (new Set(lanesOf(one, two)).size < lanesOf(one, two).length) twice++;
    return one.running.size === 2 && two.running.size === 2;
  });
  expect([twice, lanesOf(one, two)]).toEqual([0, everyLane]);
  await two.pool.stop();
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
}, 30_000);

test('an instance that comes back under its name gives back what its predecessor held beyond its share', async () => {
  const one = await start('one');
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
  await one.connection.close(); // as when it is killed: nothing is given back
  const two = await start('two');
  const again = await start('one');
  await eventuallyHolds(() => expect([again.running.size, two.running.size]).toEqual([2, 2]), { timeoutMs: 20_000 });
  expect(lanesOf(again, two)).toEqual(everyLane);
}, 30_000);

test('what is likely to be busy together is shared evenly by itself: nobody has all lanes of one job, and another all of an idle one', async () => {
  await tell(log, jobConfigured({ job: 'idle', lanes: 4 }));
  const one = await start('one');
  await eventually(() => one.running.size === 8);
  const two = await start('two');
  await eventually(() => one.running.size === 4 && two.running.size === 4);
  for (const { running } of [one, two]) expect([...running].filter((unit) => unit.startsWith('idle.'))).toHaveLength(2);
}, 30_000);

test('the units of an instance that lost the broker go over after it has stopped by itself', async () => {
  const one = await start('one');
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
  const two = await start('two');
  await eventually(() => one.running.size === 2 && two.running.size === 2);
  const mine = lanesOf(one);
  const lostAt = performance.now();
  await one.connection.close();
  await eventuallyHolds(() => expect(lanesOf(two)).toEqual(everyLane), { timeoutMs: 20_000 });
  for (const lane of mine) {
    const stoppedAt = one.ended.findLast((each) => each.lane === lane)!.at;
    const beganAt = two.began.findLast((each) => each.lane === lane)!.at;
    expect(stoppedAt).toBeLessThan(beganAt);
    expect(beganAt - lostAt).toBeGreaterThan(4_000);
  }
}, 40_000);

test('work that fails begins again after a rest; a stale writer and a lost lease are no trouble, anything else is', async () => {
  const failures: Error[] = [new StaleWriter('stale'), new LeaseLost('lost'), new Error('a bug')];
  const one = await start('one', async (lane) => {
    const failure = lane === '0' ? failures.shift() : undefined;
    if (failure) throw failure;
  });
  await eventually(() => one.began.filter(({ lane }) => lane === '0').length === 4 && one.running.has(`${aJob}.0`));
  expect(one.troubles).toEqual([new Error('a bug')]);
  const at = one.began.filter(({ lane }) => lane === '0').map((each) => each.at);
  expect(at[1]! - at[0]!).toBeGreaterThan(250);
  expect(at[3]! - at[2]!).toBeGreaterThan(at[1]! - at[0]!);
}, 30_000);

test('work may ask whether the unit is still held', async () => {
  let ask: () => void = () => undefined;
  const one = await start('one', async (lane, assertHeld) => {
    if (lane === '0') ask = assertHeld;
  });
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
  expect(ask).not.toThrow();
  await one.connection.close();
  await eventuallyHolds(() => expect(ask).toThrow(LeaseLost), { timeoutMs: 10_000 });
}, 30_000);

test('units come with a job and go with it', async () => {
  const one = await start('one');
  await tell(log, jobConfigured({ job: 'another', lanes: 1 }));
  await eventually(() => one.pool.size === 5);
  const by = { kind: 'user' as const, name: 'kim' };
  await tell(log, newEvent(JobStateChanged, { jobId: aJob, state: 'removed', by }, { lane: configLane, stage: 'job-scheduler' }));
  await eventually(() => one.pool.size === 1);
  expect(one.ended.map(({ lane }) => lane).sort()).toEqual(everyLane);
}, 30_000);

test('a stopped pool has ended all its work', async () => {
  const one = await start('one');
  await eventuallyHolds(() => expect(lanesOf(one)).toEqual(everyLane));
  await one.pool.stop();
  expect([lanesOf(one), one.pool.size]).toEqual([[], 0]);
});
