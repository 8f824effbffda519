import type { CycleView, Tally } from '@provident/contracts';
import { emptyTally } from '@provident/contracts';

/** A row of `cycle`, by its column names. */
export interface CycleRecord extends Tally {
  readonly job_id: string;
  readonly cycle_id: string;
  readonly kind: CycleView['kind'];
  readonly state: CycleView['state'];
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly import_completed_at: string | null;
  readonly by: CycleView['by'];
  readonly total: number | null;
  readonly reevaluated: number;
  readonly failure: CycleView['failure'];
  readonly drift: CycleView['drift'];
}

const tallied = Object.keys(emptyTally) as (keyof Tally)[];

export const cycleView = (row: CycleRecord): CycleView => ({
  cycleId: row.cycle_id,
  jobId: row.job_id,
  kind: row.kind,
  state: row.state,
  openedAt: row.opened_at,
  closedAt: row.closed_at,
  importCompletedAt: row.import_completed_at,
  by: row.by,
  tally: Object.fromEntries(tallied.map((name) => [name, row[name]])) as Tally,
  total: row.total,
  reevaluated: row.reevaluated,
  failure: row.failure,
  drift: row.drift ?? null,
});
