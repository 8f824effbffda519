import type { JobStatusView, RemovalGuard } from '@provident/contracts';
import { type JobLife, nextCycleAt } from '@provident/domain';

import { type CycleRecord, cycleView } from './cycle-view.js';
import { query, type ReadModels } from './database.js';
import { getFreshness } from './freshness.js';

interface JobRecord {
  readonly job_id: string;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly revision: number;
  readonly state: 'active' | 'paused' | 'stopped';
  readonly initial_cycle_completed: boolean;
  readonly running_cycle_id: string | null;
  readonly last_cycle_id: string | null;
  readonly last_succeeded_at: string | null;
  readonly next_cycle_at: string | null;
  readonly life: JobLife;
  readonly quarantine: JobStatusView['quarantine'];
  readonly disabled: boolean;
  readonly given_up: number;
}

interface Counter {
  readonly job_id: string;
  readonly object_type: string;
  readonly in_scope: number;
  readonly linked: number;
  readonly escrows: number;
}

interface Held {
  readonly job_id: string;
  readonly cycle_id: string;
  readonly proposed: number;
  readonly linked: number;
  readonly threshold: string;
  readonly guards: RemovalGuard[] | null;
}

const jobs = `
  select job_id, name, source, target, revision, state, initial_cycle_completed,
         running_cycle_id, last_cycle_id, last_succeeded_at, next_cycle_at, quarantine, disabled, life,
         (select count(*)::integer from escrow where escrow.job_id = job.job_id and given_up_at is not null) as given_up
  from job where state <> 'removed' and ($1::text is null or job_id = $1) order by job_id`;

/** The latest that wait for a person; what waits for the next complete import resolves itself. */
const held = `
  select distinct on (held.job_id) held.job_id, held.cycle_id, held.proposed, held.linked, held.threshold, held.guards
  from held_removal held where held.job_id = any ($1) and held.released_at is null and held.until = 'person'
  order by held.job_id, held.held_at desc`;

/**
 * The summary of every job, or of one. Nothing is counted here: the projector did.
 * @param head newest sequence of the log, null when it cannot be asked
 */
export async function listJobs(models: ReadModels, head: number | null, only: string | null = null): Promise<JobStatusView[]> {
  const found = await query<JobRecord>(models, jobs, [only]);
  const ids = found.map(({ job_id }) => job_id);
  const cycleIds = found.flatMap(({ running_cycle_id, last_cycle_id }) => [running_cycle_id, last_cycle_id]).filter((id) => id !== null);
  const [cycles, counters, holds, freshness] = await Promise.all([
    query<CycleRecord>(models, 'select * from cycle where job_id = any ($1) and cycle_id = any ($2)', [ids, cycleIds]),
    query<Counter>(models, 'select * from object_counter where job_id = any ($1)', [ids]),
    query<Held>(models, held, [ids]),
    getFreshness(models, head),
  ]);
  return found.map((job) => {
    const cycle = (cycleId: string | null) => {
      const row = cycles.find(({ job_id, cycle_id }) => job_id === job.job_id && cycle_id === cycleId);
      return row ? cycleView(row) : null;
    };
    const counts = counters.filter(({ job_id }) => job_id === job.job_id);
    const hold = holds.find(({ job_id }) => job_id === job.job_id);
    return {
      jobId: job.job_id,
      name: job.name,
      source: job.source,
      target: job.target,
      revision: job.revision,
      state: stateOf(job),
      inScope: Object.fromEntries(counts.map(({ object_type, in_scope }) => [object_type, in_scope])),
      linked: Object.fromEntries(counts.map(({ object_type, linked }) => [object_type, linked])),
      initialCycleCompleted: job.initial_cycle_completed,
      running: cycle(job.running_cycle_id),
      lastCycle: cycle(job.last_cycle_id),
      lastSucceededAt: job.last_succeeded_at,
      nextCycleAt: nextCycleOf(job),
      escrows: counts.reduce((sum, { escrows }) => sum + escrows, 0),
      givenUp: job.given_up,
      heldRemovals: hold
        ? { cycleId: hold.cycle_id, proposed: hold.proposed, linked: hold.linked, threshold: hold.threshold, guards: hold.guards ?? [] }
        : null,
      quarantine: job.quarantine,
      pace: null,
      rate: null,
      freshness,
    };
  });
}

/** The projector knows no present: a time that was missed outside of the job's windows is made up for in the next of them. */
function nextCycleOf({ life, next_cycle_at }: JobRecord): string | null {
  if (!life.definition?.schedule.windows) return next_cycle_at;
  const atMs = nextCycleAt(life, Date.now());
  return atMs === null ? null : new Date(atMs).toISOString();
}

function stateOf({ state, disabled, quarantine, running_cycle_id, last_cycle_id }: JobRecord): JobStatusView['state'] {
  if (state !== 'active') return state;
  if (disabled) return 'disabled';
  if (quarantine) return 'quarantine';
  return running_cycle_id === null && last_cycle_id === null ? 'not-run' : 'active';
}
