import type { LogEvent } from '@provident/contracts';
import { CycleClosed, CycleOpened, JobConfigured, JobQuarantined, JobRecovered, JobStateChanged } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';
import type { Quarantine } from '@provident/read-model';

import type { Connection, Projection } from '../projection.js';
import { textArray } from '../sql/copy-rows.js';
import { upsertRows } from '../sql/upsert-rows.js';
import { reduce, reducers, when } from '../when.js';

/** A row of `job`, by its column names. */
interface Job {
  job_id: string;
  name: string;
  source: string;
  target: string;
  revision: number;
  state: 'active' | 'paused' | 'removed';
  definition: JobDefinition | null;
  configured_at: string;
  initial_cycle_completed: boolean;
  running_cycle_id: string | null;
  last_cycle_id: string | null;
  last_opened_at: string | null;
  last_succeeded_at: string | null;
  quarantine: Quarantine | null;
  last_sequence: number;
}

const columns: (keyof Job)[] = [
  'job_id',
  'name',
  'source',
  'target',
  'revision',
  'state',
  'definition',
  'configured_at',
  'initial_cycle_completed',
  'running_cycle_id',
  'last_cycle_id',
  'last_opened_at',
  'last_succeeded_at',
  'quarantine',
  'last_sequence',
];

const unknownJob = (jobId: string, at: string): Job => ({
  job_id: jobId,
  name: jobId,
  source: 'source',
  target: 'target',
  revision: 0,
  state: 'active',
  definition: null,
  configured_at: at,
  initial_cycle_completed: false,
  running_cycle_id: null,
  last_cycle_id: null,
  last_opened_at: null,
  last_succeeded_at: null,
  quarantine: null,
  last_sequence: 0,
});

const folding = reducers<Job>(
  when(JobConfigured, (job, { data, at }) => {
    const pausedBefore = job.definition?.schedule.paused;
    const { paused } = data.definition.schedule;
    if (job.state === 'removed' || paused !== pausedBefore) job.state = paused ? 'paused' : 'active';
    job.name = data.definition.name ?? data.definition.job;
    job.source = data.systems.source;
    job.target = data.systems.target;
    job.revision = data.revision;
    job.definition = data.definition;
    job.configured_at = at;
  }),
  when(JobStateChanged, (job, { data }) => {
    job.state = data.state;
  }),
  when(CycleOpened, (job, { data, at }) => {
    job.running_cycle_id = data.cycleId;
    job.last_opened_at = at;
  }),
  when(CycleClosed, (job, { data, at }) => {
    if (job.running_cycle_id === data.cycleId) job.running_cycle_id = null;
    job.last_cycle_id = data.cycleId;
    if (data.kind === 'initial' && data.result !== 'failed') job.initial_cycle_completed = true;
    if (data.result === 'succeeded') job.last_succeeded_at = at;
  }),
  when(JobQuarantined, (job, { data }) => {
    const { reason, failure, beganAt, count, nextAttemptAt } = data;
    job.quarantine = { reason, message: failure.message, beganAt, count, nextAttemptAt };
  }),
  when(JobRecovered, (job) => {
    job.quarantine = null;
  }),
);

/** One row per job, as its latest events left it. */
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
    const job = this.jobs.get(event.jobId) ?? unknownJob(event.jobId, event.at);
    reduce(folding, job, event);
    job.last_sequence = event.sequence;
    this.jobs.set(event.jobId, job);
    this.changed.add(job);
  }

  async write(connection: Connection): Promise<void> {
    await upsertRows(connection, 'job', 1, columns, [...this.changed]);
    this.changed.clear();
  }

  forget(): void {
    this.jobs.clear();
    this.changed.clear();
  }
}
