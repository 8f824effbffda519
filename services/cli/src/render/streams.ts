import type { StreamView } from '@provident/contracts';

import { formatDistance, formatDuration, formatInstant, formatNumber } from './format.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

/** One line for each stream, and what holds it up below. */
export function renderStreams(
  streams: readonly StreamView[],
  { width, now, timeZone }: { readonly width: number; readonly now: number; readonly timeZone: string | undefined },
): string {
  const columns = [
    { title: 'STREAM' },
    { title: 'TO' },
    { title: 'FORMAT' },
    { title: 'STATE' },
    { title: 'POSITION', align: 'right' },
    { title: 'BEHIND', align: 'right' },
    { title: 'DELIVERED', align: 'right' },
  ] as const;
  const rows = streams.map((stream) => [
    stream.streamId,
    printable(placeOf(stream)),
    stream.format.kind,
    stream.state === 'waiting' ? 'WAITING' : stream.state,
    formatNumber(stream.position),
    stream.lagEvents === 0 ? '–' : `${formatNumber(stream.lagEvents)} (${formatDuration(stream.lagSeconds * 1_000)})`,
    formatNumber(stream.delivered),
  ]);
  return [renderTable(columns, rows, width), ...streams.flatMap((stream) => troubleOf(stream, now, timeZone))].join('\n');
}

export function placeOf({ destination }: Pick<StreamView, 'destination'>): string {
  switch (destination.kind) {
    case 'file':
      return `file ${destination.file}`;
    case 'nats':
      return `nats ${destination.subject}`;
    default:
      return destination.kind === 'otlp' ? `otlp ${destination.url}` : destination.url;
  }
}

function troubleOf(
  { streamId, state, failures, lastError, lastErrorAt, nextAttemptAt, refused }: StreamView,
  now: number,
  timeZone?: string,
): string[] {
  const isRefused = refused > 0 ? [`${streamId}: ${formatNumber(refused)} records were refused for good`] : [];
  if (lastError === null || (state !== 'waiting' && refused === 0)) return isRefused;
  const next = nextAttemptAt === null ? '' : `; tried ${formatNumber(failures)} times, again ${formatDistance(nextAttemptAt, now)}`;
  return [...isRefused, `${streamId}: ${formatInstant(lastErrorAt, timeZone)} ${printable(lastError)}${next}`];
}
