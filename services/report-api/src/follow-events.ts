import { setTimeout as sleep } from 'node:timers/promises';

import type { EventView } from '@provident/contracts';
import { getPosition, listEvents } from '@provident/report';

import type { ReadModels } from './tokens.js';

export interface Following {
  readonly after: number;
  readonly jobId?: string | undefined;
  readonly type?: string | undefined;
  readonly user?: string | undefined;
}

const batch = 500;
const pollMs = 100;
/** A line now and then keeps proxies from closing a quiet connection. */
const heartbeatMs = 15_000;

/** Events as they become visible, in the order of the log; null when nothing has come for a while. Ends when the signal is given. */
export async function* followEvents(
  models: ReadModels,
  { after, ...filters }: Following,
  signal: AbortSignal,
): AsyncGenerator<EventView | null> {
  let saidAt = performance.now();
  for (let from = after; !signal.aborted; ) {
    const { position } = await getPosition(models);
    const events = position > from ? await listEvents(models, { ...filters, after: from, limit: batch }) : [];
    yield* events;
    if (events.length > 0) saidAt = performance.now();
    // Whatever is not of interest up to the position is done with too.
    from = events.length === batch ? events.at(-1)!.sequence : Math.max(from, position, events.at(-1)?.sequence ?? 0);
    if (events.length === batch) continue;
    if (performance.now() - saidAt > heartbeatMs) {
      yield null;
      saidAt = performance.now();
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
