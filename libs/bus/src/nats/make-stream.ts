import { setTimeout as wait } from 'node:timers/promises';

import { JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';

type StreamConfig = Parameters<JetStreamManager['streams']['add']>[0];

const storeNotMade = 10049;
const tries = 6;

/**
 * Makes a stream. A server clears its folder of streams away after the last of them was deleted, also from under the one that is made just then, and refuses
 * that one; it takes it a moment later.
 * @throws JetStreamApiError when the server goes on refusing
 */
export async function makeStream(manager: JetStreamManager, config: StreamConfig): Promise<StreamInfo> {
  for (let done = 1; ; done++) {
    try {
      return await manager.streams.add(config);
    } catch (error) {
      if (done === tries || !(error instanceof JetStreamApiError && error.code === storeNotMade)) throw error;
      await wait(20 * 2 ** done);
    }
  }
}
