import {
  type Answer,
  type EventLog,
  type Heard,
  type JobRegistry,
  type LaneContext,
  type LaneProgram,
  type LaneSession,
  type Said,
} from '@provident/bus';
import {
  CycleClosed,
  type DataOf,
  type Failure,
  type Initiator,
  JobDisabled,
  JobRecovered,
  JobRestarted,
  type LogEvent,
  ObjectExported,
  PersonErased,
  RetriesOrdered,
  type RetryScope,
  RuleEvaluated,
  type WakeReason,
  demandLaneOf,
  is,
  jobLane,
  objectLanes,
  privacyLane,
  subjectOf,
} from '@provident/contracts';
import { type RetryLadder, causeOfFailure, ladderOf } from '@provident/domain';
import { StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { type Escrow, escrowAfter, isUnderWay, withoutValues } from './escrow.js';
import { clear, drop, keep, retry, supersede, wake } from './escrow-words.js';
import { type Verdict, verdictOf } from './failure-of.js';
import { RetryPace } from './retry-pace.js';
import { blankEscrow, escrowOf, foldEscrows } from './state/fold-escrows.js';
import { EscrowRow } from './state/schema.js';

export interface EscrowPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly registry: JobRegistry;
  readonly now: () => Date;
}

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

/** So long after its first failure an object is tried because the target answers others, twice as long after that, and so on: it may be about the object after all. */
const untilTriedMs = 60_000;

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
      subjectOf(jobId, privacyLane, 'report-api'),
    ],
    open: (context) => EscrowSession.open(ports, context),
  };
}

class EscrowSession implements LaneSession {
  /** When a write of this lane went through last, as far as this instance has heard. */
  private writtenAt = -Infinity;
  private readonly pace = new RetryPace();

  private constructor(
    private readonly ports: EscrowPorts,
    private readonly context: LaneContext,
    private readonly fold: StateFold,
    private readonly escrows: Map<string, Escrow>,
    /** A job that was disabled is left alone until somebody starts it. */
    private isDisabled: boolean,
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
    const lastOfJob = await ports.log.findLast(subjectOf(jobId, jobLane, 'job-scheduler'));
    const isDisabled = lastOfJob !== null && is(lastOfJob, JobDisabled);
    return new EscrowSession(ports, context, fold, new Map(rows.map((row) => [row.objectKey, escrowOf(row)])), isDisabled);
  }

  get startAfter(): number {
    return this.fold.passed;
  }

  /** Everything at its turn: deciding takes no time. */
  keyOf(): string {
    return '';
  }

  handle({ event }: Heard): Answer | Promise<Answer> {
    if (is(event, PersonErased)) return this.blank(event.data.objectKey);
    const said = this.decide(event);
    this.note(said);
    return said;
  }

  /** What has become due, by the clock or because it was woken: no more at once than comes back in time; nothing while the job is paused or stopped. */
  async due(): Promise<readonly Said[]> {
    if (this.isDisabled || this.ports.registry.find(this.context.jobId)?.state !== 'active') return [];
    const now = this.ports.now();
    const due = [...this.escrows.values()].filter(({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now);
    const taken = due.slice(0, this.pace.room(performance.now()));
    this.pace.began(
      taken.map(({ objectKey }) => objectKey),
      performance.now(),
    );
    const said = taken.map((escrow) => retry(escrow, this.ladder(), now));
    this.note(said);
    return said;
  }

  async settled(appended: readonly LogEvent[]): Promise<void> {
    await this.fold.take(appended);
  }

  passed(position: number): Promise<void> {
    return this.fold.notePassed(position);
  }

  /** Nothing is kept of what the target said of somebody who was erased; what becomes of their retry is another matter. */
  private async blank(objectKey: string): Promise<Answer> {
    const known = this.escrows.get(objectKey);
    if (!known) return [];
    this.escrows.set(objectKey, withoutValues(known));
    await blankEscrow(this.context.jobId, objectKey, this.ports.database.manager);
    return [];
  }

  private decide(event: LogEvent): Said[] {
    if (is(event, JobDisabled)) this.isDisabled = true;
    if (is(event, JobRecovered)) {
      this.isDisabled = false;
      return this.wake(event, 'target', null, ({ failure }) => goesWithTheConnection.has(failure.kind));
    }
    if (is(event, RetriesOrdered)) return this.wake(event, 'person', event.data.by, inScope(event.data.scope));
    if (is(event, JobRestarted)) return event.data.scopes.includes('escrows') ? this.drop(event) : [];
    if (is(event, CycleClosed)) return [...this.wakeLeftOver(event), ...this.wakeForTarget(event)];
    if (is(event, ObjectExported)) this.writtenAt = Date.parse(event.at);
    const verdict = verdictOf(event);
    const takenOver = is(event, RuleEvaluated) ? this.takeOver(event) : [];
    if (!verdict) return takenOver;
    const known = this.after(takenOver, verdict.facts.objectKey);
    if (verdict.outcome === 'good') return known && isItsEnd(known, verdict) ? [...takenOver, clear(verdict, known, event)] : takenOver;
    // A record without a key belongs to nobody: there is nothing to try again. It is told of anew whenever its source is read.
    if (verdict.sourceId === null) return takenOver;
    return [...takenOver, keep(verdict, known, event, this.ladder())];
  }

  /** A cycle takes up an object that is kept: that attempt is its retry, and no other is made meanwhile. Some members of a group are not the group. */
  private takeOver(event: LogEvent<DataOf<typeof RuleEvaluated>>): Said[] {
    const known = this.escrows.get(event.data.objectKey);
    if (!known || event.data.attempt > 0 || event.data.part !== undefined || known.facts.changeId === event.data.changeId) return [];
    return [supersede(known, event.data, event)];
  }

  /** Somebody restarted the job: what failed is not tried again by itself, and comes back with the cycle that reads everything. */
  private drop(event: LogEvent): Said[] {
    return [...this.escrows.values()].filter(({ isGivenUp }) => !isGivenUp).map((escrow) => drop(escrow, event));
  }

  /** Under new rules everything that the source holds was just tried; what it no longer holds is tried now. */
  private wakeLeftOver(event: LogEvent<DataOf<typeof CycleClosed>>): Said[] {
    const { cycleId, kind, result, openedAt } = event.data;
    if (kind !== 'initial' || result === 'failed') return [];
    const rules = this.ports.registry.find(this.context.jobId)?.rules ?? 0;
    return this.wake(
      event,
      'rules',
      null,
      ({ facts, firstFailedAt }) => facts.cycleId !== cycleId && facts.rules < rules && firstFailedAt < new Date(openedAt),
    );
  }

  /**
   * A job need not be in quarantine for its target to be away: once a cycle has found it there, what failed for the connection is tried; what failed in that
   * very cycle, if others went through after it.
   */
  private wakeForTarget(event: LogEvent<DataOf<typeof CycleClosed>>): Said[] {
    const { result, openedAt, tally } = event.data;
    const written = tally.created + tally.updated + tally.disabled + tally.deleted;
    if (result === 'failed' || (tally.escrowed > 0 && written === 0)) return [];
    const dueAt = ({ firstFailedAt, early }: Escrow): number => firstFailedAt.getTime() + untilTriedMs * 2 ** early;
    const wasThere = (escrow: Escrow): boolean =>
      escrow.firstFailedAt.getTime() < this.writtenAt ||
      (escrow.firstFailedAt < new Date(openedAt) && dueAt(escrow) <= Date.parse(event.at));
    const concerns = (escrow: Escrow): boolean => !escrow.isGivenUp && goesWithTheConnection.has(escrow.failure.kind) && wasThere(escrow);
    return this.wake(event, 'target', null, concerns, dueAt);
  }

  /** Nothing puts off a retry by waking it: it comes earlier, or at once. What was woken to be tried sooner still stays as it is. */
  private wake(
    event: LogEvent,
    wokenBy: WakeReason,
    by: Initiator | null,
    concerns: (escrow: Escrow) => boolean,
    notBefore: (escrow: Escrow) => number = () => -Infinity,
  ): Said[] {
    const heardAt = Date.parse(event.at);
    const isSooner = (escrow: Escrow): boolean => {
      const wokenAt = Math.max(heardAt, notBefore(escrow));
      const dueAt = escrow.nextAttemptAt?.getTime() ?? Infinity;
      return wokenAt < dueAt || (wokenAt === heardAt && escrow.wokenBy === null);
    };
    return [...this.escrows.values()]
      .filter((escrow) => !isUnderWay(escrow) && concerns(escrow) && isSooner(escrow))
      .map((escrow) => wake(escrow, wokenBy, by, event, notBefore(escrow)));
  }

  private ladder(): RetryLadder {
    return ladderOf(this.ports.registry.find(this.context.jobId)!.configured.definition);
  }

  private after(said: readonly Said[], objectKey: string): Escrow | null {
    const known = this.escrows.get(objectKey) ?? null;
    return said.reduce<Escrow | null>((escrow, { definition, data }) => escrowAfter(escrow, { type: definition.type, data }), known);
  }

  private note(said: readonly Said[]): void {
    for (const each of said) {
      const escrow = this.after([each], each.about);
      if (escrow) this.escrows.set(each.about, escrow);
      else this.escrows.delete(each.about);
      if (!escrow || !isUnderWay(escrow)) this.pace.ended(each.about);
    }
  }
}

/**
 * Whether what came right ends an object's escrow: the change that failed or has taken the place of it; after a write that failed, any later write. When the object
 * could not be read or judged, another change's write rests on what was known before, such as a removal that waited for a person: it says nothing of that failure.
 */
const isItsEnd = ({ facts, cause }: Escrow, verdict: Verdict): boolean =>
  facts.changeId === verdict.facts.changeId || (cause !== null && cause.operation !== 'import' && cause.operation !== 'evaluate');

function inScope(scope: RetryScope): (escrow: Escrow) => boolean {
  switch (scope.kind) {
    case 'all':
      return () => true;
    case 'cause':
      return ({ cause, failure }) => (cause ?? causeOfFailure(failure)).id === scope.causeId;
    default: {
      const wanted = new Set(scope.objectKeys);
      return ({ objectKey }) => wanted.has(objectKey);
    }
  }
}
