import { setTimeout as sleep } from 'node:timers/promises';

import type { EventLog } from '@provident/bus';
import type { JobId } from '@provident/domain';
import { FoldPosition } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { foldedSubjects } from '../state/fold-imports.js';

const patienceMs = 30_000;
const lookEveryMs = 50;

/** The importer's tables lag so far behind the log that nothing should be said from them. */
export class TablesBehind extends Error {
  override readonly name = 'TablesBehind';
}

/** Waits until the instance that imports the job has put into its tables what the log says now: links above all. @throws TablesBehind */
export async function untilFolded(log: EventLog, database: DataSource, jobId: JobId, signal: AbortSignal): Promise<void> {
  const newest = await Promise.all(foldedSubjects(jobId).map(async (subject) => (await log.findLast(subject))?.sequence ?? 0));
  const wanted = Math.max(...newest);
  const positions = database.getRepository(FoldPosition);
  for (const until = performance.now() + patienceMs; ; await sleep(lookEveryMs, undefined, { signal })) {
    const folded = Number((await positions.findOneBy({ name: jobId }))?.sequence ?? 0);
    if (folded >= wanted) return;
    if (performance.now() > until)
      throw new TablesBehind(`no importer has caught up with the log of job "${jobId}" (${folded} of ${wanted}): is one at work on it?`);
  }
}
