import type { EscrowPageView, EscrowView } from '@provident/contracts';

import { typed } from '../places.js';
import { formatInstant, formatNumber } from './format.js';
import { renderTable } from './table.js';
import { cut, printable } from './text.js';

const columns = [
  { title: 'OBJECT' },
  { title: 'STATE' },
  { title: 'FAILED SINCE' },
  { title: 'RETRIES', align: 'right' },
  { title: 'NEXT' },
  { title: 'CAUSE' },
  { title: 'WHAT WAS SAID' },
] as const;

const widestWords = 70;

/** One line per object that is kept. @param isPart whether only some were asked for */
export function renderEscrows(jobId: string, { escrows, next }: EscrowPageView, isPart: boolean, width: number, timeZone?: string): string {
  if (escrows.length === 0)
    return isPart ? `Nothing of that kind is kept; all that is: ${typed(`escrows ${jobId}`)}` : 'Nothing that failed is kept.';
  const table = renderTable(
    columns,
    escrows.map((escrow) => rowOf(escrow, timeZone)),
    width,
  );
  const more = next === null ? [] : ['There is more: --limit shows up to 200, --cause one cause.'];
  return [table, '', ...more, `Try again: ${typed(`retry ${jobId} --user ID`)} (or --cause ID, --all)`].join('\n');
}

function rowOf(
  { displayName, sourceId, objectKey, state, firstFailedAt, retries, nextAttemptAt, causeId, failure }: EscrowView,
  timeZone?: string,
): string[] {
  const id = sourceId ?? objectKey;
  return [
    printable(displayName === null || displayName === id ? id : `${displayName} (${id})`),
    state === 'given-up' ? 'given up' : state,
    formatInstant(firstFailedAt, timeZone),
    formatNumber(retries),
    formatInstant(nextAttemptAt, timeZone),
    causeId ?? '–',
    cut(printable(failure.message), widestWords),
  ];
}
