import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OwnNats, startOwnNats } from '@provident/embedded/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import { connectBroker } from '../nats/connect.js';
import { openedSimulation, simulationProgress, simulationStoreContract } from '../testing/index.js';
import { openNatsSimulations } from './nats-simulations.js';

let server: OwnNats;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startOwnNats();
  connection = await connectBroker(server.url, 'spec');
}, 60_000);
afterAll(async () => {
  await connection?.close();
  await server?.stop();
});

simulationStoreContract('simulations on NATS', () => openNatsSimulations(connection));

test('a store that is opened again has what was there', async () => {
  const opened = openedSimulation();
  await (await openNatsSimulations(connection)).open(opened, simulationProgress());
  expect((await (await openNatsSimulations(connection)).find(opened.simulationId))?.opened).toEqual(opened);
});
