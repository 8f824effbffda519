import type { DataOf, LogEvent } from '@provident/contracts';
import { JobConfigured, JobStateChanged, configLane, configSubjects, is, subjectOf } from '@provident/contracts';
import { type JobId, type Standing, jobIdPattern, standingAfterFile } from '@provident/domain';

import type { EventLog } from './event-log.js';
import { endsInOrder } from './same-log.js';

export interface KnownJob {
  readonly jobId: JobId;
  /** Log sequence of the newest `job-configured`. */
  readonly rules: number;
  readonly configured: DataOf<typeof JobConfigured>;
  readonly state: Standing;
  /** Log sequence of the event that brought it into this state. */
  readonly stateSince: number;
}

const keptRules = 200;

/** What the log says of the jobs, as it is now, and of their rules as they were. */
export class JobRegistry {
  private readonly jobs = new Map<JobId, KnownJob>();
  private readonly rulesBySequence = new Map<number, Promise<DataOf<typeof JobConfigured>>>();
  private readonly listeners = new Set<(job: KnownJob) => void>();
  /** Log sequence up to which everything is known. */
  private heard = 0;
  private readonly waiting = new Set<() => void>();
  private ending: AbortSignal | undefined;

  constructor(private readonly log: EventLog) {}

  /** Reads the configuration of all jobs, then follows it until the signal is given. Resolves when it has caught up; a failure later on is the process's end. */
  async start(signal: AbortSignal): Promise<void> {
    this.ending = signal;
    const newest = (await this.log.findLast(configSubjects))?.sequence ?? 0;
    endsInOrder(this.follow(signal));
    await this.hearUpTo(newest);
  }

  /**
   * Resolves once everything is known that the log says of a job now, or when the process ends. For answers to people: what somebody changed a moment ago by way
   * of another process holds for what he asks next.
   */
  async catchUp(jobId: string): Promise<void> {
    if (!jobIdPattern.test(jobId)) return;
    const newest = await this.log.findLast(subjectOf(jobId as JobId, configLane, 'job-scheduler'));
    if (newest) await this.hearUpTo(newest.sequence);
  }

  list(): KnownJob[] {
    return [...this.jobs.values()].filter((job) => job.state !== 'removed');
  }

  find(jobId: string): KnownJob | undefined {
    return this.jobs.get(jobId as JobId);
  }

  /** @returns what ends the listening */
  onChange(listener: (job: KnownJob) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asked right before every write to a target: nothing to wait for, or what resolves once the job is neither stopped nor deleted any more and rejects with the signal. */
  untilStarted(jobId: string, signal: AbortSignal): Promise<void> | void {
    if (!isHalted(this.find(jobId))) return;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        ignore();
        signal.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const ignore = this.onChange((job) => {
        if (job.jobId !== jobId || isHalted(job)) return;
        end();
        resolve();
      });
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    });
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

  private async hearUpTo(sequence: number): Promise<void> {
    const { ending } = this;
    if (this.heard >= sequence || ending?.aborted) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.heard < sequence && !ending?.aborted) return;
        this.waiting.delete(look);
        ending?.removeEventListener('abort', look);
        resolve();
      };
      this.waiting.add(look);
      ending?.addEventListener('abort', look);
    });
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const events of this.log.read({ filters: [configSubjects], after: 0, signal })) {
      for (const event of events) this.fold(event);
      this.heard = events.at(-1)?.sequence ?? this.heard;
      for (const look of this.waiting) look();
    }
  }

  private fold(event: LogEvent): void {
    if (is(event, JobConfigured)) {
      const { jobId, definition } = event.data;
      const known = this.jobs.get(jobId);
      const saidPaused = known?.configured.definition.schedule.paused ?? null;
      const state = standingAfterFile(known?.state ?? null, definition.schedule.paused, saidPaused);
      this.set({ jobId, rules: event.sequence, configured: event.data, ...since(known, state, event.sequence) });
    } else if (is(event, JobStateChanged)) {
      const known = this.jobs.get(event.data.jobId);
      if (known) this.set({ ...known, ...since(known, event.data.state, event.sequence) });
    }
  }

  private set(job: KnownJob): void {
    this.jobs.set(job.jobId, job);
    for (const listener of this.listeners) listener(job);
  }
}

/** Nothing more is written on its behalf. */
const isHalted = (job: KnownJob | undefined): boolean => job?.state === 'stopped' || job?.state === 'removed';

const since = (known: KnownJob | undefined, state: Standing, sequence: number): Pick<KnownJob, 'state' | 'stateSince'> =>
  known?.state === state ? { state, stateSince: known.stateSince } : { state, stateSince: sequence };
