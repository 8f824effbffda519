import type { JobStatusView } from '@provident/contracts';

import { typed } from '../places.js';
import type { ApiClient, LogQuery } from '../api-client.js';
import { formatInstant, formatNumber } from './format.js';
import { printable } from './text.js';

/** Why the log has no entry for a question: filtered away, not reached yet, or unknown to every source. */
export async function explainNothing(api: ApiClient, query: LogQuery, timeZone?: string): Promise<string> {
  const { user } = query;
  const jobs = (await api.jobs()).filter((job) => query.job === undefined || job.jobId === query.job);
  if (jobs.length === 0)
    return query.job === undefined
      ? `No entry: there is no job yet; ${typed('apply -f FILE')} makes one.`
      : `No entry: there is no job "${query.job}".`;
  if (user === undefined) return ['No entry matches.', ...jobs.map((job) => reached(job, timeZone))].join('\n');
  const others = await api.log({ user, limit: 1 });
  const [latest] = others.entries;
  if (latest)
    return `No entry about "${printable(user)}" matches these filters; the latest one is of ${formatInstant(latest.at, timeZone)}: ${latest.action}, ${latest.status}, job ${latest.jobId}.`;
  const unfinished = jobs.some((job) => job.running !== null || !job.initialCycleCompleted);
  const verdict = unfinished
    ? `Nothing is known of "${printable(user)}" yet: not reached so far, or in no source.`
    : `"${printable(user)}" is unknown: no source has delivered a person with this id, user name or other matching value.`;
  return [verdict, ...jobs.map((job) => reached(job, timeZone))].join('\n');
}

function reached({ jobId, running, lastCycle, state }: JobStatusView, timeZone?: string): string {
  if (running) {
    const total = running.total === null ? '' : ` of ${formatNumber(running.total)}`;
    return `  ${jobId}: is reading now, ${formatNumber(running.tally.read)}${total} so far`;
  }
  if (!lastCycle) return `  ${jobId}: has not run yet${state === 'paused' || state === 'stopped' ? `, it is ${state}` : ''}`;
  return `  ${jobId}: latest cycle ${formatInstant(lastCycle.openedAt, timeZone)}, ${lastCycle.state}, ${formatNumber(lastCycle.tally.read)} read`;
}
