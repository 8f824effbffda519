import { setTimeout as pause } from 'node:timers/promises';
import type { CycleView, PaceView } from '@provident/contracts';

import type { ApiClient } from './api-client.js';
import type { Awaiting } from './await-reports.js';
import { awaitReports } from './await-reports.js';
import { CliError } from './cli-error.js';
import type { Sample } from './progress.js';
import { progressOf, rateOf, withSample } from './progress.js';
import { ProgressWriter } from './progress-writer.js';
import { paceText } from './render/pace.js';

const pollMs = 300;
/** The report may lag behind the command that opened the cycle. */
const unknownForMs = 15_000;

/** Shows a cycle's progress until it is closed, and returns it as it then is. */
export async function watchCycle(api: ApiClient, jobId: string, cycleId: string, { screen, now, signal }: Awaiting): Promise<CycleView> {
  const writer = new ProgressWriter(screen, now);
  const beganAt = now();
  let samples: Sample[] = [];
  let isLimited = false;
  let isCaughtUp = false;
  try {
    for (;;) {
      const { cycle, pace } = await findCycle(api, jobId, cycleId);
      if (!cycle && isCaughtUp) throw new CliError(`the report knows no cycle ${cycleId} of ${jobId}: does the audit-projector run?`);
      if (!cycle && now() - beganAt > unknownForMs) {
        await awaitReports(api, { screen, now, signal });
        isCaughtUp = true;
      }
      if (cycle) {
        isLimited ||= pace !== null;
        samples = withSample(samples, { atMs: now(), done: progressOf(cycle, 0).done }, isLimited);
        writer.show({ ...progressOf(cycle, rateOf(samples)), ...(pace && { because: paceText(pace, now()) }) });
        if (cycle.closedAt !== null) return cycle;
      }
      await pause(pollMs, undefined, { signal });
    }
  } finally {
    writer.end();
  }
}

async function findCycle(api: ApiClient, jobId: string, cycleId: string): Promise<{ cycle: CycleView | null; pace: PaceView | null }> {
  const { running, lastCycle, pace } = await api.status(jobId);
  const near = [running, lastCycle].find((cycle) => cycle?.cycleId === cycleId);
  return { cycle: near ?? (await api.cycles(jobId)).find((cycle) => cycle.cycleId === cycleId) ?? null, pace };
}
