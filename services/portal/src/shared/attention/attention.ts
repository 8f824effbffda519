import type { HealthView, JobStatusView } from '@provident/contracts/http';

/** Something that waits for a person, the most urgent kinds first. */
export type Attention =
  | { readonly kind: 'broker' }
  | { readonly kind: 'database' }
  | { readonly kind: 'wrong-log'; readonly words: string }
  | { readonly kind: 'durability' }
  | { readonly kind: 'services'; readonly missing: readonly string[] }
  | { readonly kind: 'quarantine' | 'held' | 'failed-cycle' | 'failures'; readonly job: JobStatusView };

/** Without one of these, people are not provisioned. */
const needed = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier', 'audit-projector'];
/** Services say several times in this time that they live. */
const deadAfterMs = 10_000;
const urgency = ['quarantine', 'held', 'failed-cycle', 'failures'] as const;

/** @param now by the server's clock, which stamped the services' signs of life */
export function attentionOf(jobs: readonly JobStatusView[], health: HealthView | undefined, now: number): Attention[] {
  return [
    ...(health ? ofHealth(health, now) : []),
    ...urgency.flatMap((kind) => jobs.filter((job) => calls[kind](job)).map((job) => ({ kind, job }))),
  ];
}

const calls: Record<(typeof urgency)[number], (job: JobStatusView) => boolean> = {
  quarantine: (job) => job.quarantine !== null && !saysHeld(job),
  held: ({ heldRemovals }) => heldRemovals !== null,
  'failed-cycle': ({ lastCycle, quarantine, running }) => lastCycle?.state === 'failed' && quarantine === null && running === null,
  failures: ({ escrows, givenUp }) => escrows + givenUp > 0,
};

/** A quarantine that is nothing but the held removals: releasing them, or mending the source, ends both. */
const saysHeld = ({ quarantine, heldRemovals }: JobStatusView): boolean =>
  quarantine?.reason === 'too-many-removals' && heldRemovals !== null;

function ofHealth({ broker, database, log, services, durability }: HealthView, now: number): Attention[] {
  if (!broker) return [{ kind: 'broker' }];
  if (!database) return [{ kind: 'database' }];
  // The services stop because of it: that they are missing is no news.
  if (log.wrong !== undefined) return [{ kind: 'wrong-log', words: log.wrong }];
  const living = new Set(services.filter(({ seenAt }) => now - Date.parse(seenAt) < deadAfterMs).map(({ service }) => service));
  const missing = needed.filter((service) => !living.has(service));
  return [
    ...(missing.length > 0 ? [{ kind: 'services', missing } as const] : []),
    ...(durability === 'waived' ? [{ kind: 'durability' } as const] : []),
  ];
}
