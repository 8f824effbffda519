import type { CycleView, LogEntryView } from '@provident/contracts';

import type { ApiClient } from '../api-client.js';
import { counted } from './format.js';
import { printable, showValue } from './text.js';

const shown = 10;

/** The objects that failed in a cycle, one line each, with the words of the target. */
export async function listFailures(api: ApiClient, cycle: CycleView): Promise<string> {
  const { entries } = await api.log({ job: cycle.jobId, since: cycle.openedAt, status: 'failure', limit: 100 });
  const failed = entries.filter((entry) => entry.cycleId === cycle.cycleId);
  const more = cycle.tally.escrowed - Math.min(shown, failed.length);
  return [
    ...failed.slice(0, shown).map(failureLine),
    ...(more > 0 ? [`  and ${counted(more, 'more', 'more')}: provident log --job ${cycle.jobId} --status failure`] : []),
  ].join('\n');
}

function failureLine(entry: LogEntryView): string {
  const who = entry.displayName ?? entry.matchingValue ?? entry.sourceId;
  return `  failed: ${showValue(who)}: ${printable(entry.statusText)}${entry.reason === null || entry.statusText.includes(entry.reason) ? '' : ` (${entry.reason})`}`;
}
