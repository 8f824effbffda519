import type { DataOf, LogEvent } from '@provident/contracts';
import { JobConfigured, JobStateChanged, configSubjects, is } from '@provident/contracts';
import type { JobId } from '@provident/domain';

import type { EventLog } from './event-log.js';

export interface KnownJob {
  readonly jobId: JobId;
  /** Log sequence of the newest `job-configured`. */
  readonly rules: number;
  readonly configured: DataOf<typeof JobConfigured>;
  readonly state: 'active' | 'paused' | 'removed';
}

const keptRules = 200;

/** What the log says of the jobs, as it is now, and of their rules as they were. */
export class JobRegistry {
  private readonly jobs = new Map<JobId, KnownJob>();
  private readonly rulesBySequence = new Map<number, Promise<DataOf<typeof JobConfigured>>>();
  private readonly listeners = new Set<(job: KnownJob) => void>();

  constructor(private readonly log: EventLog) {}

  /** Reads the configuration of all jobs, then follows it until the signal is given. Resolves when it has caught up; a failure later on is the process's end. */
  async start(signal: AbortSignal): Promise<void> {
    const newest = (await this.log.findLast(configSubjects))?.sequence ?? 0;
    await new Promise<void>((resolve) => {
      if (newest === 0) resolve();
      void this.follow(signal, (sequence) => {
        if (sequence >= newest) resolve();
      });
    });
  }

  list(): KnownJob[] {
    return [...this.jobs.values()].filter((job) => job.state !== 'removed');
  }

  find(jobId: string): KnownJob | undefined {
    return this.jobs.get(jobId as JobId);
  }

  onChange(listener: (job: KnownJob) => void): void {
    this.listeners.add(listener);
  }

  /** The rules that stand at a sequence of the log. @throws Error when there are none: a bug, or another log */
  rulesAt(sequence: number): Promise<DataOf<typeof JobConfigured>> {
    const known = this.rulesBySequence.get(sequence);
    if (known) return known;
    const found = this.log.find(sequence).then((event) => {
      if (!event || !is(event, JobConfigured)) throw new Error(`no job configuration stands at ${sequence} in the log`);
      return event.data;
    });
    this.rulesBySequence.set(sequence, found);
    found.catch(() => this.rulesBySequence.delete(sequence));
    if (this.rulesBySequence.size > keptRules) this.rulesBySequence.delete(this.rulesBySequence.keys().next().value!);
    return found;
  }

  private async follow(signal: AbortSignal, seen: (sequence: number) => void): Promise<void> {
    for await (const events of this.log.read({ filters: [configSubjects], after: 0, signal })) {
      for (const event of events) {
        this.fold(event);
        seen(event.sequence);
      }
    }
  }

  private fold(event: LogEvent): void {
    if (is(event, JobConfigured)) {
      const state = this.jobs.get(event.data.jobId)?.state ?? (event.data.definition.schedule.paused ? 'paused' : 'active');
      this.set({ jobId: event.data.jobId, rules: event.sequence, configured: event.data, state: state === 'removed' ? 'active' : state });
    } else if (is(event, JobStateChanged)) {
      const known = this.jobs.get(event.data.jobId);
      if (known) this.set({ ...known, state: event.data.state });
    }
  }

  private set(job: KnownJob): void {
    this.jobs.set(job.jobId, job);
    for (const listener of this.listeners) listener(job);
  }
}
