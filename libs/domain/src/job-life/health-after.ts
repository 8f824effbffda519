import { durationMs, type JobDefinition } from '../job/job-definition.js';
import type { Failure } from '../object/failure.js';
import { isoOf } from '../object/instant.js';
import type { CycleResult, QuarantineReason } from './job-fact.js';
import type { JobLife, Quarantine } from './job-life.js';
import { restartedCode } from './restart.js';
import { countOf, type Outcomes } from './outcomes.js';

/** How a cycle ended. */
export interface CycleEnd {
  readonly result: CycleResult;
  readonly tally: Outcomes;
  /** Those of the escrowed that failed only because an object that they refer to is missing; none when nobody counts them. */
  readonly references?: number;
  /** Why the import failed, or a failure that concerns the whole target and not one object; else null. */
  readonly failure: Failure | null;
}

/** What follows for the job's health. */
export type HealthVerdict =
  | { readonly verdict: 'none' }
  | { readonly verdict: 'recover'; readonly quarantinedAt: string }
  | {
      readonly verdict: 'quarantine';
      readonly quarantine: QuarantineVerdict;
    };

/** A quarantine as its event tells it. */
export interface QuarantineVerdict {
  readonly reason: QuarantineReason;
  readonly failure: Failure;
  readonly beganAt: string;
  readonly count: number;
  readonly nextAttemptAt: string;
}

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
  if (found) return { verdict: 'quarantine', quarantine: quarantineFor(found, life, nowMs) };
  if (!life.quarantine) return { verdict: 'none' };
  const waits = waitsForAPerson(life.quarantine, life);
  return waits ? { verdict: 'none' } : { verdict: 'recover', quarantinedAt: isoOf(life.quarantine.beganAtMs) };
}

/** Too many removals are no trouble of the connection: a good cycle proves nothing about them, and only a person releases them. */
const waitsForAPerson = ({ reason }: Quarantine, { held }: JobLife): boolean =>
  reason === 'too-many-removals' && held.some(({ until }) => until === 'person');

/**
 * A quarantine that begins, or is found to last. What is found again in the cycle in which it began counts once.
 * @throws RangeError when the job is not configured: a caller's bug
 */
export function quarantineFor(
  found: { readonly reason: QuarantineReason; readonly failure: Failure },
  { quarantine, running, definition }: JobLife,
  nowMs: number,
): QuarantineVerdict {
  if (definition === null) throw new RangeError('a job without a definition cannot be in quarantine');
  const isCounted = quarantine !== null && running !== null && quarantine.foundAtMs >= running.openedAtMs;
  const count = (quarantine?.count ?? 0) + (isCounted ? 0 : 1);
  return {
    ...found,
    beganAt: isoOf(quarantine?.beganAtMs ?? nowMs),
    count,
    nextAttemptAt: isoOf(nowMs + quarantineDelayMs(durationMs(definition.schedule.every), count)),
  };
}

/**
 * What is wrong with the connection so plainly that nothing has to be counted: credentials that the target refuses. Null when the job is in
 * quarantine for its connection already.
 */
export function unhealthyAtOnce(failure: Failure | null, { quarantine }: JobLife): { reason: 'connection'; failure: Failure } | null {
  return failure?.kind === 'unauthorized' && quarantine?.reason !== 'connection' ? { reason: 'connection', failure } : null;
}

/** Whether the job has been in quarantine for so long that it is disabled. */
export function isOverdue({ definition, quarantine, isDisabled }: JobLife, nowMs: number): boolean {
  if (definition === null || quarantine === null || isDisabled) return false;
  return nowMs - quarantine.beganAtMs >= durationMs(definition.quarantine.disableAfter);
}

/**
 * How long a job in quarantine waits: its own interval, then twice, four times … that, up to a day (or the interval, should it be longer).
 * A ladder of fixed hours would make a job that runs every minute wait six hours after a short outage, and somebody would start it by
 * hand. Growing from the interval, an outage costs about as long again as it lasted, and no manual repair.
 */
export function quarantineDelayMs(everyMs: number, count: number): number {
  return Math.max(everyMs, Math.min(everyMs * 2 ** (count - 1), dayMs));
}

function findUnhealthy(end: CycleEnd, life: JobLife, definition: JobDefinition): { reason: QuarantineReason; failure: Failure } | null {
  const connection = findBrokenConnection(end, life);
  if (connection) return { reason: 'connection', failure: connection };
  const proportion = findFailureProportion(end, definition);
  return proportion ? { reason: 'failure-proportion', failure: proportion } : findFailureCount(end, definition);
}

/** So many failures that no share excuses them. Failed references count towards the total alone: they tend to heal with what they refer to. */
function findFailureCount(
  { tally: { escrowed }, references = 0, failure }: CycleEnd,
  { thresholds: { failures } }: JobDefinition,
): { reason: QuarantineReason; failure: Failure } | null {
  const found = (reason: 'failure-count' | 'failure-total', count: number, limit: number) => ({
    reason,
    failure: {
      kind: failure?.kind ?? ('rejected' as const),
      code: reason,
      message: `${count} objects failed in one cycle; more than ${limit} puts the job in quarantine`,
    },
  });
  const own = escrowed - references;
  if (own > failures.count) return found('failure-count', own, failures.count);
  return escrowed > failures.total ? found('failure-total', escrowed, failures.total) : null;
}

function findBrokenConnection({ result, failure }: CycleEnd, life: JobLife): Failure | null {
  if (failure && needRepair.has(failure.kind)) return failure;
  if (result !== 'failed') return null;
  const failedInARow = life.failedInARow + (life.running ? 1 : 0);
  const counts = failure?.kind === 'forbidden' || failedInARow > 1 || life.quarantine !== null;
  return counts ? (failure ?? { kind: 'unavailable', code: 'cycle-failed', message: 'the cycle failed' }) : null;
}

/** Skipped objects are no part of the whole: they were never to be provisioned, and would hide that everything else fails. */
function findFailureProportion({ tally, references = 0, failure }: CycleEnd, { thresholds: { failures } }: JobDefinition): Failure | null {
  const { skipped } = tally;
  const escrowed = tally.escrowed - references;
  const whole = countOf(tally) - skipped;
  if (escrowed < failures.atLeast || escrowed * 100 <= failures.percent * whole) return null;
  const message = `${escrowed} of ${whole} objects failed; more than ${failures.percent}% puts the job in quarantine`;
  return { kind: failure?.kind ?? 'rejected', code: 'failure-proportion', message };
}
