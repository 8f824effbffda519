import { expect, test } from '@jest/globals';
import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';

import { makeStream } from './make-stream.js';

const refusal = (err_code: number, description: string) => new JetStreamApiError({ code: 500, err_code, description });
const config = { name: 'PROVISIONING', subjects: ['provisioning.>'] };

/** A server that answers with these, one after another, and with the last of them for good. */
function server(...answers: readonly (JetStreamApiError | 'made')[]) {
  const asked: unknown[] = [];
  const add = async (stream: unknown) => {
    const answer = answers[Math.min(asked.push(stream), answers.length) - 1];
    if (answer instanceof JetStreamApiError) throw answer;
    return answer;
  };
  return { asked, manager: { streams: { add } } as unknown as JetStreamManager };
}

test('a server that clears its folder of streams away at that moment is asked again', async () => {
  const busy = refusal(10049, 'error creating store for stream');
  const { asked, manager } = server(busy, busy, 'made');
  expect(await makeStream(manager, config)).toBe('made');
  expect(asked).toEqual([config, config, config]);
});

test('a folder in which no stream can be made is told in the end, any other refusal at once', async () => {
  const full = server(refusal(10049, 'error creating store for stream'));
  await expect(makeStream(full.manager, config)).rejects.toThrow('error creating store for stream');
  expect(full.asked.length).toBeGreaterThan(3);
  const taken = server(refusal(10058, 'stream name already in use'));
  await expect(makeStream(taken.manager, config)).rejects.toThrow('stream name already in use');
  expect(taken.asked).toHaveLength(1);
});
