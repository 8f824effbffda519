import { beforeEach, expect, test } from '@jest/globals';
import { MemorySimulations, anInstant, openedSimulation } from '@provident/bus/testing';
import type { StartSimulation } from '@provident/contracts';
import { job } from '@provident/domain/testing';
import { eventually } from '@provident/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import type { SimulationPorts } from './simulation.js';
import { Simulations } from './simulations.js';

type Listener = (error: null, message: { respond(text: string): void }) => void;

let store: MemorySimulations;
let simulations: Simulations;
/** Who listens to which subject. */
let listening: Map<string, Listener>;

const connection = {
  subscribe: (subject: string, { callback }: { callback: Listener }) => {
    listening.set(subject, callback);
    return { unsubscribe: () => listening.delete(subject) };
  },
} as unknown as NatsConnection;

/** A source that does not come to an end by itself. */
const endless = {
  read: (_: unknown, signal: AbortSignal) =>
    new Promise((_resolve, reject) => {
      const giveUp = (): void => reject(new Error('given up'));
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp);
    }),
  close: async () => undefined,
};
const target = { abilities: async () => ({ concurrency: 1 }), count: async () => 0, close: async () => undefined };

beforeEach(() => {
  store = new MemorySimulations();
  listening = new Map();
  const ports = {
    store,
    log: { findLast: async () => null },
    database: { getRepository: () => ({ findOneBy: async () => null }), query: async () => [] },
    openers: { source: async () => endless, target: async () => target },
    config: {},
    logger: { error: () => undefined },
    now: () => new Date(anInstant),
  };
  simulations = new Simulations(connection, ports as unknown as SimulationPorts);
});

const order = (): StartSimulation => ({ opened: openedSimulation(), rules: { definition: job(), baseDir: '/jobs' }, current: null });
const stateOf = async (id: string) => (await store.find(id))?.progress;

/** Begins one and waits until it can be cancelled. */
async function begin(): Promise<string> {
  const wanted = order();
  expect(await simulations.start(wanted)).toMatchObject({ ok: true, result: { simulationId: wanted.opened.simulationId } });
  await eventually(() => listening.has(`provident.command.cancel-simulation.${wanted.opened.simulationId}`));
  return wanted.opened.simulationId;
}

async function cancel(id: string): Promise<string> {
  const answers: string[] = [];
  listening.get(`provident.command.cancel-simulation.${id}`)!(null, { respond: (text) => answers.push(text) });
  await eventually(async () => (await stateOf(id))?.state === 'cancelled');
  return answers.join();
}

test('a simulation can be asked for as soon as it has begun, and is cancelled by whoever asks', async () => {
  const id = await begin();
  expect(await stateOf(id)).toMatchObject({ state: 'running' });
  expect(JSON.parse(await cancel(id))).toMatchObject({ response: { ok: true } });
  await eventually(() => listening.size === 0);
});

test('more than two at once are refused; when one has ended there is room again', async () => {
  const [one] = [await begin(), await begin()];
  expect(await simulations.start(order())).toMatchObject({ ok: false, message: expect.stringContaining('2 simulations are under way') });
  await cancel(one);
  await eventually(() => listening.size === 1);
  await begin();
  await simulations.stop();
});

test('a stop ends them all, and each says so', async () => {
  const ids = [await begin(), await begin()];
  await simulations.stop();
  for (const id of ids)
    expect(await stateOf(id)).toMatchObject({ state: 'failed', failure: { side: 'service', code: 'importer-stopped' } });
});

test('one that cannot be noted is refused, and takes no room', async () => {
  const open = store.open.bind(store);
  store.open = async () => {
    throw new Error('no stream');
  };
  for (let at = 0; at < 3; at++) await expect(simulations.start(order())).rejects.toThrow('no stream');
  store.open = open;
  await begin();
  await simulations.stop();
});
