import type { JobStatusView } from '@provident/contracts';

import { formatInstant, formatNumber } from './format.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

/** One line per job. */
export function renderJobs(jobs: readonly JobStatusView[], width: number, timeZone?: string): string {
  const columns = [
    { title: 'JOB' },
    { title: 'STATE' },
    { title: 'SOURCE → TARGET' },
    { title: 'IN SCOPE', align: 'right' },
    { title: 'ESCROWS', align: 'right' },
    { title: 'LAST CYCLE' },
    { title: 'RESULT' },
    { title: 'NEXT CYCLE' },
  ] as const;
  return renderTable(
    columns,
    jobs.map((job) => rowOf(job, timeZone)),
    width,
  );
}

function rowOf(job: JobStatusView, timeZone: string | undefined): string[] {
  const inScope = Object.values(job.inScope).reduce((sum, count) => sum + count, 0);
  return [
    job.jobId,
    job.state,
    `${printable(job.source)} → ${printable(job.target)}`,
    formatNumber(inScope),
    formatNumber(job.escrows),
    formatInstant(job.lastCycle?.openedAt ?? null, timeZone),
    job.running ? 'running' : (job.lastCycle?.state ?? '–'),
    formatInstant(job.nextCycleAt, timeZone),
  ];
}
