import {
  type Answer,
  type EventLog,
  type Heard,
  type JobRegistry,
  type LaneContext,
  type LaneProgram,
  type LaneSession,
  type Said,
  say,
} from '@provident/bus';
import {
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  type Failure,
  JobRecovered,
  JobRestarted,
  type LogEvent,
  RetryDue,
  demandLaneOf,
  is,
  jobLane,
  objectLanes,
  subjectOf,
} from '@provident/contracts';
import { ladderOf, nextAttempt } from '@provident/domain';
import { StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { type Verdict, verdictOf } from './failure-of.js';
import { foldEscrows } from './state/fold-escrows.js';
import { EscrowRow } from './state/schema.js';

export interface EscrowPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly registry: JobRegistry;
  readonly now: () => Date;
}

type Escrow = Omit<EscrowRow, 'jobId' | 'lane'>;

/** Failures that have gone once the job has recovered: they were the connection's, not the object's. */
const goesWithTheConnection: ReadonlySet<Failure['kind']> = new Set([
  'unavailable',
  'unauthorized',
  'forbidden',
  'throttled',
  'protocol',
  'unknown-outcome',
  'misconfigured',
]);

/** So many retries become due at once at most; the others follow a second later. */
const mostDue = 200;

/** Hears of failures and of what came right, keeps the failed ones, and brings them back. */
export function escrowLanes(ports: EscrowPorts): LaneProgram {
  return {
    stage: 'escrow-retrier',
    window: 500,
    lanesOf: objectLanes,
    hears: ({ jobId, lane }) => [
      subjectOf(jobId, lane, 'rule-evaluator'),
      subjectOf(jobId, lane, 'exporter'),
      subjectOf(jobId, demandLaneOf(lane), 'rule-evaluator'),
      subjectOf(jobId, demandLaneOf(lane), 'exporter'),
      subjectOf(jobId, jobLane, 'job-scheduler'),
    ],
    open: (context) => EscrowSession.open(ports, context),
  };
}

class EscrowSession implements LaneSession {
  private constructor(
    private readonly ports: EscrowPorts,
    private readonly context: LaneContext,
    private readonly fold: StateFold,
    private readonly escrows: Map<string, Escrow>,
  ) {}

  static async open(ports: EscrowPorts, context: LaneContext): Promise<EscrowSession> {
    const { jobId, lane, signal } = context;
    const fold = await StateFold.open(ports.log, ports.database, {
      name: `${jobId}.${lane}`,
      filters: [subjectOf(jobId, lane, 'escrow-retrier')],
      apply: foldEscrows,
    });
    await fold.catchUp(signal);
    const rows = await ports.database.getRepository(EscrowRow).findBy({ jobId, lane });
    return new EscrowSession(ports, context, fold, new Map(rows.map((row) => [row.objectKey, row])));
  }

  get startAfter(): number {
    return this.fold.passed;
  }

  /** Everything at its turn: deciding takes no time. */
  keyOf(): string {
    return '';
  }

  handle({ event }: Heard): Answer {
    if (is(event, JobRecovered)) return this.wake();
    if (is(event, JobRestarted)) return event.data.scopes.includes('escrows') ? this.drop(event) : [];
    const verdict = verdictOf(event);
    if (!verdict) return [];
    return verdict.outcome === 'failed' ? this.keep(verdict, event) : this.clear(verdict, event);
  }

  /** What has become due by the clock; nothing while the job is paused or stopped. */
  async due(): Promise<readonly Said[]> {
    if (this.ports.registry.find(this.context.jobId)?.state !== 'active') return [];
    const now = this.ports.now();
    const due = [...this.escrows.values()].filter(({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now);
    return due.slice(0, mostDue).map((escrow) => this.retry(escrow, 'ladder'));
  }

  async settled(appended: readonly LogEvent[]): Promise<void> {
    await this.fold.take(appended);
  }

  passed(position: number): Promise<void> {
    return this.fold.notePassed(position);
  }

  private keep({ facts, sourceId, failure }: Extract<Verdict, { outcome: 'failed' }>, event: LogEvent): Said[] {
    // A record without a key belongs to nobody: there is nothing to try again. It is told of anew whenever its source is read.
    if (sourceId === null) return [];
    const known = this.escrows.get(facts.objectKey);
    const firstFailedAt = known?.firstFailedAt ?? new Date(event.at);
    const retries = known ? Math.max(known.retries, facts.attempt) : facts.attempt;
    const definition = this.ports.registry.find(facts.jobId)!.configured.definition;
    const nextMs = nextAttempt(firstFailedAt.getTime(), retries, ladderOf(definition), Date.parse(event.at));
    if (nextMs === null) {
      this.escrows.delete(facts.objectKey);
      return [
        say(EscrowExpired, `${facts.changeId}.expired.${event.sequence}`, facts.objectKey, {
          ...facts,
          sourceId,
          retries,
          firstFailedAt: firstFailedAt.toISOString(),
          failure,
        }),
      ];
    }
    const nextAttemptAt = new Date(nextMs);
    this.escrows.set(facts.objectKey, { objectKey: facts.objectKey, facts, sourceId, failure, firstFailedAt, retries, nextAttemptAt });
    return [
      say(EscrowRecorded, `${facts.changeId}.escrow.${event.sequence}`, facts.objectKey, {
        ...facts,
        sourceId,
        failure,
        firstFailedAt: firstFailedAt.toISOString(),
        retries,
        nextAttemptAt: nextAttemptAt.toISOString(),
      }),
    ];
  }

  private clear({ facts, sourceId, word }: Extract<Verdict, { outcome: 'good' }>, event: LogEvent): Said[] {
    const known = this.escrows.get(facts.objectKey);
    if (!known) return [];
    this.escrows.delete(facts.objectKey);
    const { retries, firstFailedAt } = known;
    return [
      say(EscrowCleared, `${facts.changeId}.cleared.${event.sequence}`, facts.objectKey, {
        ...facts,
        sourceId,
        retries,
        firstFailedAt: firstFailedAt.toISOString(),
        outcome: word,
      }),
    ];
  }

  /** Somebody restarted the job: what failed is not tried again by itself, and comes back with the cycle that reads everything. */
  private drop({ sequence }: LogEvent): Said[] {
    const kept = [...this.escrows.values()];
    this.escrows.clear();
    return kept.map(({ facts, sourceId, retries, firstFailedAt, failure }) =>
      say(EscrowExpired, `${facts.changeId}.dropped.${sequence}`, facts.objectKey, {
        ...facts,
        sourceId,
        retries,
        firstFailedAt: firstFailedAt.toISOString(),
        failure,
        because: 'restart',
      }),
    );
  }

  /** The connection is back: what failed for its sake is tried again at once. */
  private wake(): Said[] {
    return [...this.escrows.values()]
      .filter(({ failure, nextAttemptAt }) => nextAttemptAt !== null && goesWithTheConnection.has(failure.kind))
      .map((escrow) => this.retry(escrow, 'target'));
  }

  private retry(escrow: Escrow, wokenBy: 'ladder' | 'target'): Said {
    const attempt = escrow.retries + 1;
    const { facts, sourceId, firstFailedAt, objectKey } = escrow;
    this.escrows.set(objectKey, { ...escrow, retries: attempt, nextAttemptAt: null });
    return say(RetryDue, `${facts.changeId}.retry.${attempt}`, objectKey, {
      ...facts,
      attempt,
      round: 0,
      sourceId,
      firstFailedAt: firstFailedAt.toISOString(),
      wokenBy,
    });
  }
}
