import { setTimeout as sleep } from 'node:timers/promises';

import type { JetStreamManager } from '@nats-io/jetstream';

import { type StoredMessage, followedBy } from './codec.js';

/** A place at which the server hands out nothing, though nothing is ever deleted there: what stood in it is damaged, and was passed over in silence. */
export interface DamagedPlace {
  readonly sequence: number;
  readonly isDamaged: true;
}

type Item = StoredMessage | DamagedPlace;

export const isDamaged = (item: Item): item is DamagedPlace => 'isDamaged' in item;

/** What is said of it to people. */
export const damagedWords =
  'it is damaged in the store of NATS, which does not hand it out any more. Bring the log back: from another replica, from an older copy of that disk, or from a backup ("provident restore FILE")';

interface Reading {
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
  { stream, after, signal }: Reading,
  batches: AsyncIterable<readonly StoredMessage[]>,
): AsyncGenerator<readonly Item[]> {
  let next = after + 1;
  const looked = (range: { from: number; to: number | null }): Promise<Item[]> =>
    unlessAborted(signal, lookAgain(manager, { stream, signal, ...range }));
  for await (const messages of batches) {
    const items: Item[] = [];
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

/**
 * For a reading of some subjects, in whose sequences there are gaps: the same batches, with the damaged places that the next event of their subject tells of. The
 * newest event of a subject is not missed before another one comes.
 */
export async function* withDamagedOfSubjects(
  manager: JetStreamManager,
  { stream, after, signal }: Reading,
  batches: AsyncIterable<readonly StoredMessage[]>,
): AsyncGenerator<readonly Item[]> {
  const newest = new Map<string, number>();
  for await (const messages of batches) {
    let items: Item[] | null = null;
    for (const [at, message] of messages.entries()) {
      const { subject, sequence } = message;
      const known = newest.get(subject) ?? after;
      const follows = followedBy(message);
      if (follows !== null && follows > known) {
        items ??= messages.slice(0, at);
        items.push(...(await unlessAborted(signal, lookBack(manager, { stream, from: follows, known, signal }))));
      }
      items?.push(message);
      newest.set(subject, sequence);
    }
    yield items ?? messages;
  }
}

/** What stands on one subject behind what is known of it, from the last one back to one that is damaged and cannot say what it followed. */
async function lookBack(
  manager: JetStreamManager,
  { stream, from, known, signal }: { stream: string; from: number; known: number; signal: AbortSignal },
): Promise<Item[]> {
  const items: Item[] = [];
  const { state } = await untilAnswered(() => manager.streams.info(stream), signal);
  for (let sequence: number | null = from; sequence !== null && sequence > known && sequence >= state.first_seq; ) {
    const item = await lookAt(manager, stream, sequence, signal);
    items.unshift(item);
    sequence = isDamaged(item) ? null : followedBy(item);
  }
  return items;
}

/** With no end: up to the first place that holds something, which the reader comes to by itself. */
async function lookAgain(
  manager: JetStreamManager,
  { stream, from, to, signal }: { stream: string; from: number; to: number | null; signal: AbortSignal },
): Promise<Item[]> {
  const items: Item[] = [];
  const { state } = await untilAnswered(() => manager.streams.info(stream), signal);
  for (let sequence = Math.max(from, state.first_seq); sequence <= (to ?? state.last_seq); sequence++) {
    const item = await lookAt(manager, stream, sequence, signal);
    if (to === null && !isDamaged(item)) break;
    items.push(item);
  }
  return items;
}

async function lookAt(manager: JetStreamManager, stream: string, sequence: number, signal: AbortSignal): Promise<Item> {
  const stored = await untilAnswered(() => manager.streams.getMessage(stream, { seq: sequence }), signal);
  return stored === null ? { sequence, isDamaged: true } : { sequence, subject: stored.subject, headers: stored.header, data: stored.data };
}

/** Whoever does not want it any more gets nothing. */
const unlessAborted = (signal: AbortSignal, looking: Promise<Item[]>): Promise<Item[]> =>
  looking.catch((error: unknown) => {
    if (signal.aborted) return [];
    throw error;
  });

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
