import { setTimeout as sleep } from 'node:timers/promises';

import type { JetStreamManager } from '@nats-io/jetstream';

import type { StoredMessage } from './codec.js';

/** A place at which the server hands out nothing, though nothing is ever deleted there: what stood in it is damaged, and was passed over in silence. */
export interface DamagedPlace {
  readonly sequence: number;
  readonly isDamaged: true;
}

export const isDamaged = (item: StoredMessage | DamagedPlace): item is DamagedPlace => 'isDamaged' in item;

/** What is said of it to people. */
export const damagedWords =
  'it is damaged in the store of NATS, which does not hand it out any more. Bring the log back: from another replica, from an older copy of that disk, or from a backup ("provident restore FILE")';

interface Whole {
  readonly stream: string;
  readonly after: number;
  readonly signal: AbortSignal;
}

const againAfterMs = 500;

/**
 * For a reading of the whole stream, whose sequences have no gap: the same batches, with the damaged places in between. An empty batch stands for silence: the
 * end of the stream is looked at then.
 */
export async function* withDamagedPlaces(
  manager: JetStreamManager,
  { stream, after, signal }: Whole,
  batches: AsyncIterable<readonly StoredMessage[]>,
): AsyncGenerator<readonly (StoredMessage | DamagedPlace)[]> {
  let next = after + 1;
  const looked = (range: { from: number; to: number | null }): Promise<(StoredMessage | DamagedPlace)[]> =>
    lookAgain(manager, { stream, signal, ...range }).catch((error: unknown) => {
      if (signal.aborted) return [];
      throw error;
    });
  for await (const messages of batches) {
    const items: (StoredMessage | DamagedPlace)[] = [];
    const first = messages[0];
    const last = messages.at(-1);
    if (first && last && first.sequence === next && last.sequence - first.sequence + 1 === messages.length) {
      next = last.sequence + 1;
      yield messages;
      continue;
    }
    for (const message of messages) {
      if (message.sequence > next) items.push(...(await looked({ from: next, to: message.sequence - 1 })));
      items.push(message);
      next = message.sequence + 1;
    }
    if (messages.length === 0) {
      items.push(...(await looked({ from: next, to: null })));
      next = (items.at(-1)?.sequence ?? next - 1) + 1;
    }
    yield items;
  }
}

/** With no end: up to the first place that holds something, which the reader comes to by itself. */
async function lookAgain(
  manager: JetStreamManager,
  { stream, from, to, signal }: { stream: string; from: number; to: number | null; signal: AbortSignal },
): Promise<(StoredMessage | DamagedPlace)[]> {
  const items: (StoredMessage | DamagedPlace)[] = [];
  const { state } = await untilAnswered(() => manager.streams.info(stream), signal);
  for (let sequence = Math.max(from, state.first_seq); sequence <= (to ?? state.last_seq); sequence++) {
    const stored = await untilAnswered(() => manager.streams.getMessage(stream, { seq: sequence }), signal);
    if (stored === null) items.push({ sequence, isDamaged: true });
    else if (to === null) break;
    else items.push({ sequence, subject: stored.subject, headers: stored.header, data: stored.data });
  }
  return items;
}

/** The broker may be away for a while. @throws the last failure once the signal is given */
async function untilAnswered<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw error;
      await sleep(againAfterMs);
    }
  }
}
