import { createHash, randomUUID } from 'node:crypto';

import { type JobDefinition, type JobId, canonicalJson, limitsOf } from '@provident/domain';

import type { BudgetStore } from './budget-store.js';
import type { RequestPace } from './request-pace.js';
import { type PaceCounts, TargetPace } from './target-pace.js';

/**
 * Names the budget that a target's requests draw on: one for each address and way of signing in, whatever the job. Secrets are known by where they lie, not
 * by what they are.
 */
export function budgetOf({ connector, config }: Pick<JobDefinition['target'], 'connector' | 'config'>): string {
  const { url, auth } = config as { readonly url?: unknown; readonly auth?: unknown };
  const who = typeof url === 'string' ? { url: normalised(url), auth } : config;
  return createHash('sha256')
    .update(canonicalJson([connector, who]))
    .digest('hex')
    .slice(0, 32);
}

function normalised(url: string): string {
  if (!URL.canParse(url)) return url;
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** The paces of the jobs that an instance works on. */
export class TargetPaces {
  private readonly open = new Map<TargetPace, string>();
  /** What those that were closed had counted, by job. */
  private readonly closed = new Map<string, Pick<PaceCounts, 'waited' | 'refused'>>();
  private readonly instance = randomUUID().slice(0, 8);
  private count = 0;

  constructor(private readonly store: BudgetStore) {}

  /** Of one job and its target; whoever opens it closes it. */
  async for(jobId: JobId, target: JobDefinition['target']): Promise<RequestPace> {
    const name = `${this.instance}-${++this.count}`;
    const pace = await TargetPace.open({ store: this.store, target: budgetOf(target), name, job: jobId, declared: limitsOf(target.rate) });
    this.open.set(pace, name);
    return {
      take: (asking) => pace.take(asking),
      close: async () => {
        if (this.open.delete(pace)) this.keepCounts(pace.counts());
        await pace.close();
      },
    };
  }

  /** What there is to tell of each job, for whoever watches the instance. Counts go on when a job's target is opened anew. */
  counts(): Pick<PaceCounts, 'job' | 'waiting' | 'waited' | 'refused' | 'isPaused'>[] {
    const open = [...this.open.keys()].map((pace) => pace.counts());
    return [...open, ...[...this.closed].map(([job, counts]) => ({ job, waiting: 0, isPaused: false, ...counts }))];
  }

  private keepCounts({ job, waited, refused }: PaceCounts): void {
    const before = this.closed.get(job);
    this.closed.set(job, { waited: waited + (before?.waited ?? 0), refused: refused + (before?.refused ?? 0) });
  }
}
