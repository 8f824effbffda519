import type { JobDaysView } from '@provident/contracts';

import { query, type ReadModels } from './database.js';
import { lastDays } from './last-days.js';

export interface DaysAsked {
  readonly jobId: string;
  readonly days: number;
  /** Name of a time zone, such as `Europe/Berlin`. */
  readonly zone: string;
}

type Counts = Omit<JobDaysView['days'][number], 'day' | 'beginsAt'>;
const none: Counts = { cycles: 0, failedCycles: 0, changed: 0, failed: 0, held: 0 };

/**
 * What a job did on each of the last days, those without a cycle included.
 * Cycles are opened one after another: the index by sequence leads to the oldest of them, and no other is read.
 */
export async function listDays(models: ReadModels, { jobId, days, zone }: DaysAsked, nowMs: number): Promise<JobDaysView> {
  const asked = lastDays(days, zone, nowMs).map(({ day, beginsAtMs }) => ({ day, beginsAt: new Date(beginsAtMs).toISOString() }));
  const rows = await query<Counts & { place: number }>(
    models,
    `select width_bucket(opened_at, $2::timestamptz[]) as place, count(*)::integer as cycles,
            count(*) filter (where state = 'failed')::integer as "failedCycles",
            sum(created + updated + disabled + deleted)::integer as changed, sum(escrowed)::integer as failed, sum(held)::integer as held
     from cycle where job_id = $1 and opened_at >= ($2::timestamptz[])[1] and opened_sequence > coalesce(
       (select opened_sequence from cycle where job_id = $1 and opened_at < ($2::timestamptz[])[1] order by opened_sequence desc limit 1), 0)
     group by place`,
    [jobId, asked.map(({ beginsAt }) => beginsAt)],
  );
  const byPlace = new Map(rows.map(({ place, ...counts }) => [place, counts]));
  return { zone, days: asked.map((day, index) => ({ ...day, ...(byPlace.get(index + 1) ?? none) })) };
}
