import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { testNatsUrl } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import { connectBroker } from '../nats/connect.js';
import { Leases, listSessions } from './leases.js';

let service: string;
let connections: NatsConnection[];
let joined: Leases[];
beforeEach(() => {
  service = `spec-${randomUUID()}`;
  connections = [];
  joined = [];
});
afterEach(async () => {
  for (const leases of joined) await leases.leave().catch(() => undefined);
  for (const connection of connections) await connection.close();
});

async function connect(): Promise<NatsConnection> {
  const connection = await connectBroker(testNatsUrl(), 'spec');
  connections.push(connection);
  return connection;
}

async function join(instance: string): Promise<Leases> {
  const leases = await Leases.join(await connect(), service, instance, '1.2.3');
  joined.push(leases);
  return leases;
}

/** Has the broker forget who listens: their connections stay, and they are told nothing any more. */
async function deafen(): Promise<void> {
  const { consumers } = await jetstreamManager(await connect());
  const stream = 'KV_provident-leases';
  for await (const { name, config } of consumers.list(stream))
    if (config.filter_subjects?.some((subject) => subject.includes(service))) await consumers.delete(stream, name);
}

/** Ends an instance as a crash does: it gives nothing back. */
const kill = (at: number): Promise<void> => connections[at]!.close();

test('who hears nothing any more listens anew, and neither takes the others for dead nor works on for longer than they wait', async () => {
  const [one, other] = [await join('one'), await join('other')];
  await one.take('u');
  await eventually(() => one.instances().length === 2 && other.instances().length === 2 && !other.isFree('u'));
  await deafen();
  const third = await join('third');
  await eventually(() => [one, other, third].every((each) => each.instances().length === 3), { timeoutMs: 20_000 });
  expect([one, other, third].map((each) => each.isAlive())).toEqual([true, true, true]);
  expect([one.holds('u'), other.isFree('u'), third.isFree('u')]).toEqual([true, false, false]);
});

describe('a unit', () => {
  test('goes to one of two who want it at the same time', async () => {
    const [one, other] = [await join('one'), await join('other')];
    const taken = await Promise.all([one.take('u'), other.take('u')]);
    expect(taken.filter(Boolean)).toHaveLength(1);
    await eventually(() => one.holds('u') !== other.holds('u'));
    await eventually(() => !one.isFree('u') && !other.isFree('u'));
  });

  test('is free again when it was given back', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await one.take('u');
    await eventually(() => !other.isFree('u'));
    expect(await other.take('u-2')).toBe(true);
    await one.release('u');
    await eventually(() => other.isFree('u'));
    expect([await other.take('u'), other.holds('u'), one.holds('u')]).toEqual([true, true, false]);
  });

  test('is free again when its holder leaves', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await one.take('u');
    await eventually(() => !other.isFree('u') && other.instances().length === 2);
    await one.leave();
    await eventually(() => other.isFree('u') && other.instances().length === 1);
    expect(one.isAlive()).toBe(false);
  });

  test('of an instance that died is taken over by its namesake at once, and by nobody else', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await one.take('u');
    await eventually(() => !other.isFree('u'));
    await kill(0);
    const successor = await join('one');
    expect([successor.holds('u'), successor.isAlive(), other.isFree('u')]).toEqual([true, true, false]);
  });

  test('of an instance that died is free after its lifetime and not before; the dead one knew earlier that it may not act', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await one.take('u');
    await eventually(() => !other.isFree('u'));
    const diedAt = performance.now();
    await kill(0);
    const at = { stopped: 0, free: 0 };
    let mightBothAct = false;
    await eventually(
      () => {
        // Who may act is asked last: were it asked first, a pause of this process between the two would look like both.
        const isFree = other.isFree('u');
        const isAlive = one.isAlive();
        mightBothAct ||= isFree && isAlive;
        if (at.stopped === 0 && !isAlive) at.stopped = performance.now() - diedAt;
        if (at.free === 0 && isFree) at.free = performance.now() - diedAt;
        return at.stopped > 0 && at.free > 0;
      },
      { timeoutMs: 15_000 },
    );
    expect(mightBothAct).toBe(false);
    expect(at.stopped).toBeGreaterThan(2_000);
    expect(at.free).toBeGreaterThan(3_000);
    expect(await other.take('u')).toBe(true);
  }, 30_000);
});

test('services do not hear of each other', async () => {
  const one = await join('one');
  const elsewhere = await Leases.join(await connect(), `${service}-b`, 'other');
  joined.push(elsewhere);
  await one.take('u');
  expect([elsewhere.isFree('u'), elsewhere.instances(), await elsewhere.take('u')]).toEqual([true, ['other'], true]);
});

test('an instance stays alive as long as it is connected, and says how many units it holds', async () => {
  const one = await join('one');
  await one.take('u-1');
  await one.take('u-2');
  const mine = async () => (await listSessions(connections[0]!)).find((session) => session.service === service);
  await eventually(async () => (await mine())?.units === 2);
  expect(await mine()).toMatchObject({ service, instance: 'one', version: '1.2.3', units: 2 });
  expect([one.isAlive(), one.instances()]).toEqual([true, ['one']]);
});
