import { setTimeout as pause } from 'node:timers/promises';
import type { JobStatusView } from '@provident/contracts';

import type { ApiClient } from '../api-client.js';
import type { Awaiting } from '../await-reports.js';
import { awaitReports } from '../await-reports.js';
import { CliError } from '../cli-error.js';
import { cycleIn } from '../commands/run.js';
import { watchCycle } from '../watch-cycle.js';

/** The scheduler opens the first cycle of a new job by itself: it gets this long before it is asked to. */
const patienceMs = 3_000;
const visibleWithinMs = 20_000;
const pollMs = 200;

/** Waits with a progress bar for the cycle that is running, or for the first one of a job that has had none. Others are not waited for. */
export async function awaitFirstCycle(api: ApiClient, jobId: string, awaiting: Awaiting): Promise<void> {
  await awaitReports(api, awaiting); // of an older log they may still be behind, and would know no cycle
  const status = await visibleStatus(api, jobId, awaiting);
  const cycleId = status.running?.cycleId ?? (needsFirst(status) ? await openedFirst(api, jobId, awaiting) : null);
  if (cycleId !== null) await watchCycle(api, jobId, cycleId, awaiting);
}

const needsFirst = ({ lastCycle, state, initialCycleCompleted }: JobStatusView): boolean =>
  lastCycle === null && !initialCycleCompleted && state !== 'paused' && state !== 'stopped' && state !== 'quarantine';

async function openedFirst(api: ApiClient, jobId: string, { now, signal }: Awaiting): Promise<string> {
  for (const until = now() + patienceMs; now() < until; await pause(pollMs, undefined, { signal })) {
    const { running, lastCycle } = await api.status(jobId);
    const cycle = running ?? lastCycle;
    if (cycle) return cycle.cycleId;
  }
  const answer = await api.run(jobId, { fresh: false });
  if (answer.ok) return cycleIn(answer);
  const { running, lastCycle } = await api.status(jobId);
  const cycle = running ?? lastCycle;
  if (cycle) return cycle.cycleId;
  throw new CliError(`the first cycle of ${jobId} cannot be run: ${answer.message}`);
}

/** A job that was just applied is in the report a moment later. */
async function visibleStatus(api: ApiClient, jobId: string, { now, signal }: Awaiting): Promise<JobStatusView> {
  for (const until = now() + visibleWithinMs; now() < until; await pause(pollMs, undefined, { signal })) {
    const job = (await api.jobs()).find((candidate) => candidate.jobId === jobId);
    if (job) return job;
  }
  throw new CliError(`the job ${jobId} was applied, but the report does not show it: does the audit-projector run?`);
}
