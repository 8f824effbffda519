import type { EventLog, UnreadableLogEvent } from '@provident/bus';
import { everything } from '@provident/contracts';
import type { LogItem, UnreadableItem } from '@provident/projection';

import type { LogSource } from './log-source.js';

/** Everything that is in the log, what cannot be read included. */
export const eventLogSource = (log: EventLog, batch: number): LogSource => ({
  identity: log.identity,
  batch,
  head: () => log.head(),
  find: (sequence) => log.find(sequence),
  readBatches: (after, signal) => itemsOf(log, batch, after, signal),
});

async function* itemsOf(log: EventLog, batch: number, after: number, signal: AbortSignal): AsyncGenerator<readonly LogItem[]> {
  let unreadable: UnreadableItem[] = [];
  const onUnreadable = ({ sequence, subject, reason }: UnreadableLogEvent): void => {
    unreadable.push({ sequence, reason: subject === null ? reason : `${subject}: ${reason}` });
  };
  for await (const events of log.read({ filters: [everything], after, signal, batch, fill: true, onUnreadable })) {
    const items: readonly LogItem[] = unreadable.length === 0 ? events : [...unreadable, ...events].sort((a, b) => a.sequence - b.sequence);
    unreadable = [];
    yield items;
  }
}
