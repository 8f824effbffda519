import type { LogEvent } from '@provident/contracts';
import {
  CycleClosed,
  CycleOpened,
  ImportCompleted,
  ImportFailed,
  JobConfigured,
  JobDisabled,
  JobQuarantined,
  JobRecovered,
  JobRestarted,
  JobStateChanged,
  RemovalsHeld,
  RemovalsRejected,
  RemovalsReleased,
} from '@provident/contracts';
import { foldJob, type JobFact, type JobLife, nextCycleAt, type Standing, standingOf, unknownJob } from '@provident/domain';
import type { Quarantine } from '@provident/read-model';

import type { Projection } from '../projection.js';
import type { Connection } from '../sql/connection.js';
import type { Flight } from '../sql/flight.js';
import { textArray } from '../sql/arrays.js';
import { upsertRows } from '../sql/upsert-rows.js';
import { reduce, reducers, when } from '../when.js';

/** A row of `job`, by its column names. */
interface Job {
  job_id: string;
  name: string;
  source: string;
  target: string;
  revision: number;
  state: Standing;
  life: JobLife;
  configured_at: string;
  initial_cycle_completed: boolean;
  running_cycle_id: string | null;
  last_cycle_id: string | null;
  last_succeeded_at: string | null;
  next_cycle_at: string | null;
  quarantine: Quarantine | null;
  disabled: boolean;
  last_sequence: number;
}

const columns: (keyof Job)[] = [
  'job_id',
  'name',
  'source',
  'target',
  'revision',
  'state',
  'life',
  'configured_at',
  'initial_cycle_completed',
  'running_cycle_id',
  'last_cycle_id',
  'last_succeeded_at',
  'next_cycle_at',
  'quarantine',
  'disabled',
  'last_sequence',
];

const newJob = (jobId: string, at: string): Job => ({
  job_id: jobId,
  name: jobId,
  source: 'source',
  target: 'target',
  revision: 0,
  state: 'active',
  life: unknownJob,
  configured_at: at,
  initial_cycle_completed: false,
  running_cycle_id: null,
  last_cycle_id: null,
  last_succeeded_at: null,
  next_cycle_at: null,
  quarantine: null,
  disabled: false,
  last_sequence: 0,
});

/** What the job's life, as the scheduler folds it too, does not remember. */
const folding = reducers<Job>(
  when(JobConfigured, (job, { data, at }) => {
    job.name = data.definition.name ?? data.definition.job;
    job.source = data.systems.source;
    job.target = data.systems.target;
    job.revision = data.revision;
    job.configured_at = at;
  }),
  when(JobStateChanged, () => undefined),
  when(JobRestarted, () => undefined),
  when(CycleOpened, () => undefined),
  when(ImportCompleted, () => undefined),
  when(ImportFailed, () => undefined),
  when(RemovalsHeld, () => undefined),
  when(RemovalsReleased, () => undefined),
  when(RemovalsRejected, () => undefined),
  when(CycleClosed, (job, { data, at }) => {
    job.last_cycle_id = data.cycleId;
    if (data.kind === 'initial' && data.result !== 'failed') job.initial_cycle_completed = true;
    if (data.result === 'succeeded') job.last_succeeded_at = at;
  }),
  when(JobQuarantined, (job, { data }) => {
    const { reason, failure, beganAt, count, nextAttemptAt } = data;
    job.quarantine = { reason, message: failure.message, beganAt, count, nextAttemptAt };
  }),
  when(JobDisabled, () => undefined),
  when(JobRecovered, () => undefined),
);

/** One row per job, as its latest events left it. Its life is folded by the very function that the scheduler decides with. */
export class JobProjection implements Projection {
  readonly name = 'job';
  private readonly jobs = new Map<string, Job>();
  private readonly changed = new Set<Job>();

  async load(connection: Connection, events: readonly LogEvent[]): Promise<void> {
    const missing = new Set(events.filter(({ type, jobId }) => folding.has(type) && !this.jobs.has(jobId)).map(({ jobId }) => jobId));
    if (missing.size === 0) return;
    const { rows } = await connection.query<Job>('select * from job where job_id = any($1)', [textArray([...missing])]);
    for (const row of rows) this.jobs.set(row.job_id, row);
  }

  hear(event: LogEvent): void {
    if (!folding.has(event.type)) return;
    const job = this.jobs.get(event.jobId) ?? newJob(event.jobId, event.at);
    job.life = foldJob(job.life, event as unknown as JobFact);
    reduce(folding, job, event);
    job.state = standingOf(job.life) ?? 'active';
    job.running_cycle_id = job.life.running?.cycleId ?? null;
    if (job.life.quarantine === null) job.quarantine = null;
    job.disabled = job.life.isDisabled;
    const nextMs = nextCycleAt(job.life);
    job.next_cycle_at = nextMs === null ? null : new Date(nextMs).toISOString();
    job.last_sequence = event.sequence;
    this.jobs.set(event.jobId, job);
    this.changed.add(job);
  }

  write(flight: Flight): void {
    upsertRows(flight, 'job', 1, columns, [...this.changed]);
    this.changed.clear();
  }

  forget(): void {
    this.jobs.clear();
    this.changed.clear();
  }
}
