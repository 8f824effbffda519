import type { CycleView, LogEntryView } from '@provident/contracts';

import { typed } from '../places.js';
import type { ApiClient } from '../api-client.js';
import { formatNumber, localTimes } from './format.js';
import { printable, showValue } from './text.js';

const shown = 10;

/** The objects that failed in a cycle, one line each, with the words of the target; empty when the log shows none. */
export async function listFailures(api: ApiClient, cycle: CycleView, timeZone?: string): Promise<string> {
  const { entries } = await api.log({ job: cycle.jobId, since: cycle.openedAt, status: 'failure', limit: 100 });
  const failed = entries.filter((entry) => entry.cycleId === cycle.cycleId);
  if (failed.length === 0) return '';
  const more = cycle.tally.escrowed - Math.min(shown, failed.length);
  return [
    ...failed.slice(0, shown).map((entry) => localTimes(failureLine(entry), timeZone)),
    ...(more > 0 ? [`  and ${formatNumber(more)} more: ${typed(`log --job ${cycle.jobId} --status failure`)}`] : []),
  ].join('\n');
}

function failureLine(entry: LogEntryView): string {
  const who = [entry.displayName, entry.matchingValue, entry.sourceId].find(Boolean);
  return `  ${showValue(who)}: ${printable(entry.statusText)}${entry.reason === null || entry.statusText.includes(entry.reason) ? '' : ` (${entry.reason})`}`;
}
