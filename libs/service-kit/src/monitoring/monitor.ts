import { Registry, collectDefaultMetrics } from 'prom-client';

/** Resolves when what it asks answers, and throws what is wrong otherwise. */
export type ReadinessCheck = () => Promise<unknown>;

/** What is worth telling although the service can work; nothing when all is well. */
export type ReadinessNotes = () => Promise<readonly string[]>;

const checkMs = 2_000;
/** So many jobs have time series of their own; those beyond share one, so that metrics stay bounded however many there are. */
const mostJobs = 500;
const otherJobs = 'other';

/** What a service tells those who watch it: its metrics, and whether it can work. */
export class Monitor {
  readonly registry = new Registry();
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly noters: ReadinessNotes[] = [];
  private readonly jobs = new Set<string>();
  private isWatching = false;

  constructor(service: string) {
    this.registry.setDefaultLabels({ component: service });
  }

  /** Measures the process itself from now on: memory, processor, event loop. */
  watchProcess(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    collectDefaultMetrics({ register: this.registry });
  }

  /** The label of a job. */
  jobLabel(jobId: string): string {
    if (!this.jobs.has(jobId)) {
      if (this.jobs.size >= mostJobs) return otherJobs;
      this.jobs.add(jobId);
    }
    return jobId;
  }

  /** The service is ready only while this check passes. */
  addCheck(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** What else is told of the service: that it is ready does not hang on it. */
  addNotes(notes: ReadinessNotes): void {
    this.noters.push(notes);
  }

  /** What is worth telling of a service that can work. */
  async notes(): Promise<string[]> {
    const told = await Promise.all(this.noters.map((notes) => inTime(notes())));
    return told.flat();
  }

  /** What keeps the service from working, in words; nothing when it is ready. */
  async troubles(): Promise<string[]> {
    if (this.checks.size === 0) return ['it is starting'];
    const troubles = await Promise.all([...this.checks].map(async ([name, check]) => troubleOf(name, check)));
    return troubles.filter((trouble) => trouble !== null);
  }
}

async function troubleOf(name: string, check: ReadinessCheck): Promise<string | null> {
  try {
    await inTime(check());
    return null;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkMs / 1_000} s`)), checkMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
