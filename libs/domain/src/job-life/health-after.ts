import { durationMs, type JobDefinition } from '../job/job-definition.js';
import type { Failure } from '../object/failure.js';
import { isoOf } from '../object/instant.js';
import type { CycleResult, QuarantineReason } from './job-fact.js';
import type { JobLife } from './job-life.js';
import { restartedCode } from './restart.js';
import { countOf, type Outcomes } from './outcomes.js';

/** How a cycle ended. */
export interface CycleEnd {
  readonly result: CycleResult;
  readonly tally: Outcomes;
  /** Why the import failed, or a failure that concerns the whole target and not one object; else null. */
  readonly failure: Failure | null;
}

/** What follows for the job's health. */
export type HealthVerdict =
  | { readonly verdict: 'none' }
  | { readonly verdict: 'recover'; readonly quarantinedAt: string }
  | {
      readonly verdict: 'quarantine';
      readonly quarantine: {
        readonly reason: QuarantineReason;
        readonly failure: Failure;
        readonly beganAt: string;
        readonly count: number;
        readonly nextAttemptAt: string;
      };
    };

const dayMs = 86_400_000;

/** Time does not heal these, whatever the cycle's result. */
const needRepair: ReadonlySet<Failure['kind']> = new Set(['unauthorized', 'misconfigured', 'protocol']);

/**
 * Whether a cycle's end puts the job in quarantine, keeps it there, or shows that it is healthy again.
 * A connection that needs repair counts at once; any other failed cycle only with its second in a row, because most of them heal by
 * themselves. Once in quarantine, every failed cycle prolongs it, and the first that did not fail and stays below the failure threshold ends it.
 * @param life  before or after the cycle's `cycle-closed` was folded
 * @param nowMs instant of the decision
 */
export function healthAfter(end: CycleEnd, life: JobLife, nowMs: number): HealthVerdict {
  if (life.definition === null || end.failure?.code === restartedCode) return { verdict: 'none' };
  const found = findUnhealthy(end, life, life.definition);
  if (!found) return life.quarantine ? { verdict: 'recover', quarantinedAt: isoOf(life.quarantine.beganAtMs) } : { verdict: 'none' };
  const count = (life.quarantine?.count ?? 0) + 1;
  return {
    verdict: 'quarantine',
    quarantine: {
      ...found,
      beganAt: isoOf(life.quarantine?.beganAtMs ?? nowMs),
      count,
      nextAttemptAt: isoOf(nowMs + quarantineDelayMs(durationMs(life.definition.schedule.every), count)),
    },
  };
}

/**
 * How long a job in quarantine waits: its own interval, then twice, four times … that, up to a day (or the interval, should it be longer).
 * A ladder of fixed hours would make a job that runs every minute wait six hours after a short outage, and somebody would start it by
 * hand. Growing from the interval, an outage costs about as long again as it lasted, and no manual repair; and as one attempt a day harms
 * nobody, it never ends by itself.
 */
export function quarantineDelayMs(everyMs: number, count: number): number {
  return Math.max(everyMs, Math.min(everyMs * 2 ** (count - 1), dayMs));
}

function findUnhealthy(end: CycleEnd, life: JobLife, definition: JobDefinition): { reason: QuarantineReason; failure: Failure } | null {
  const connection = findBrokenConnection(end, life);
  if (connection) return { reason: 'connection', failure: connection };
  const proportion = findFailureProportion(end, definition);
  return proportion && { reason: 'failure-proportion', failure: proportion };
}

function findBrokenConnection({ result, failure }: CycleEnd, life: JobLife): Failure | null {
  if (failure && needRepair.has(failure.kind)) return failure;
  if (result !== 'failed') return null;
  const failedInARow = life.failedInARow + (life.running ? 1 : 0);
  const counts = failure?.kind === 'forbidden' || failedInARow > 1 || life.quarantine !== null;
  return counts ? (failure ?? { kind: 'unavailable', code: 'cycle-failed', message: 'the cycle failed' }) : null;
}

/** Skipped objects are no part of the whole: they were never to be provisioned, and would hide that everything else fails. */
function findFailureProportion({ tally, failure }: CycleEnd, { thresholds: { failures } }: JobDefinition): Failure | null {
  const { skipped, escrowed } = tally;
  const whole = countOf(tally) - skipped;
  if (escrowed < failures.atLeast || escrowed * 100 <= failures.percent * whole) return null;
  const message = `${escrowed} of ${whole} objects failed; more than ${failures.percent}% puts the job in quarantine`;
  return { kind: failure?.kind ?? 'rejected', code: 'failure-proportion', message };
}
