import type { CycleReportView } from '@provident/contracts';

import { query, type ReadModels } from './database.js';
import { getCycle } from './get-cycle.query.js';

/** More causes than these are no causes. */
const atMost = 50;

/** A cycle with how long its changes took, and its failures and skips grouped by cause. @throws NotFound */
export async function getCycleReport(models: ReadModels, jobId: string, cycleId: string): Promise<CycleReportView> {
  const cycle = await getCycle(models, jobId, cycleId);
  const ofCycle = 'job_id = $1 and cycle_id = $2 and at >= $3::timestamptz';
  const values = [jobId, cycleId, cycle.openedAt];
  const [latencies, causes] = await Promise.all([
    query<{ count: number; p50: number; p95: number; p99: number; max: number }>(
      models,
      `select count(*) as count, percentile_disc(0.5) within group (order by ms) as p50, percentile_disc(0.95) within group (order by ms) as p95,
              percentile_disc(0.99) within group (order by ms) as p99, max(ms) as max
       from (select round(extract(epoch from at - started_at) * 1000)::bigint as ms from provisioning_entry
             where ${ofCycle} and status = 'success' and attempts = 1) entry`,
      values,
    ),
    query<CycleReportView['causes'][number]>(
      models,
      `select status, action, reason, count(*) as count, min(text) as example from provisioning_entry
       where ${ofCycle} and status <> 'success' group by status, action, reason order by count(*) desc, status, action, reason limit ${atMost}`,
      values,
    ),
  ]);
  const [latency] = latencies;
  return {
    cycle,
    durationMs: cycle.closedAt === null ? null : Date.parse(cycle.closedAt) - Date.parse(cycle.openedAt),
    latency: latency && latency.count > 0 ? latency : null,
    causes,
  };
}
