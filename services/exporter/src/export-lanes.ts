import {
  type Answer,
  type EventLog,
  type Heard,
  type LaneContext,
  type LaneProgram,
  type LaneSession,
  type Said,
  say,
} from '@provident/bus';
import {
  type DataOf,
  type LogEvent,
  ExportDeferred,
  ExportFailed,
  JobRecovered,
  ObjectExported,
  RemovalHeld,
  RemovalWithdrawn,
  RemovalsReleased,
  RuleEvaluated,
  is,
  jobLane,
  objectLanes,
  subjectOf,
} from '@provident/contracts';
import { type ChangeId, type CycleId, type ObjectKey, asChangeId, asCycleId } from '@provident/domain';
import { StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { exportObject } from './export-object.js';
import { factsOf } from './facts-of.js';
import { foldExports } from './state/fold-exports.js';
import { RecentExports } from './state/recent-exports.js';
import { HeldRemoval } from './state/schema.js';
import type { Targets } from './targets.js';

export interface ExporterPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly targets: Pick<Targets, 'open' | 'reopen'>;
}

type Decision = DataOf<typeof RuleEvaluated>;

/** So many objects of a lane may be under way at once, and are looked up again by a successor that cannot know how far they got. */
const window = 128;

/** Hears decisions, writes them to the target, says what came of it. Removals wait until they are released. */
export function exportLanes(ports: ExporterPorts): LaneProgram {
  return {
    stage: 'exporter',
    window,
    lanesOf: objectLanes,
    hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'rule-evaluator'), subjectOf(jobId, jobLane, 'job-scheduler')],
    open: (context) => ExportSession.open(ports, context),
  };
}

interface Held {
  readonly cycleId: CycleId;
  /** null when an older version held it. */
  readonly changeId: ChangeId | null;
  /** Log sequence of the decision. */
  readonly sequence: number;
}

class ExportSession implements LaneSession {
  /** Cycles whose removals were released since this session began. */
  private readonly released = new Set<string>();
  /** Writes that are not in the log yet, by object: what was decided about the same object does not know of them, and waits until it can be seen so. */
  private readonly writing = new Map<ObjectKey, { readonly settled: Promise<void>; readonly settle: () => void }>();

  private constructor(
    private readonly ports: ExporterPorts,
    private readonly context: LaneContext,
    private readonly fold: StateFold,
    private readonly recent: RecentExports,
    private readonly held: Map<ObjectKey, Held>,
  ) {
    // Nothing is told any more: who waits is let go, and stopped before it acts.
    context.signal.addEventListener('abort', () => this.writing.forEach(({ settle }) => settle()), { once: true });
  }

  static async open(ports: ExporterPorts, context: LaneContext): Promise<ExportSession> {
    const { jobId, lane, signal } = context;
    const fold = await StateFold.open(ports.log, ports.database, {
      name: `${jobId}.${lane}`,
      filters: [subjectOf(jobId, lane, 'exporter')],
      apply: foldExports,
    });
    await fold.catchUp(signal);
    const held = await listHeld(ports.database, jobId, lane);
    return new ExportSession(ports, context, fold, new RecentExports(ports.database, jobId, context.head), held);
  }

  get startAfter(): number {
    return this.fold.passed;
  }

  keyOf(event: LogEvent): string {
    return is(event, RuleEvaluated) ? event.data.objectKey : '';
  }

  handle({ event, inDoubt }: Heard): Answer | Promise<Answer> {
    if (is(event, RemovalsReleased)) return this.exportHeld(event.data.cycleId);
    if (is(event, JobRecovered)) this.ports.targets.reopen(this.context.jobId);
    if (!is(event, RuleEvaluated)) return [];
    const write = this.writing.get(event.data.objectKey);
    return write ? write.settled.then(() => this.carryOut(event, inDoubt)) : this.carryOut(event, inDoubt);
  }

  private carryOut(event: LogEvent<Decision>, inDoubt: boolean): Answer | Promise<Answer> {
    this.context.signal.throwIfAborted();
    const withdrawn = this.withdraw(event.data);
    switch (event.data.action) {
      case 'create':
      case 'update':
        return this.export(event.data, inDoubt).then((said) => [...withdrawn, ...said]);
      case 'disable':
      case 'delete':
        return this.isReleased(event.data) ? this.exportReleased(event) : [this.hold(event)];
      default:
        return withdrawn;
    }
  }

  async settled(appended: readonly LogEvent[]): Promise<void> {
    for (const event of appended) {
      if (is(event, ObjectExported)) this.recent.note(event.data.objectKey, event.sequence);
      if (is(event, ObjectExported) || is(event, ExportFailed)) this.forget(event.data.objectKey, event.cause);
    }
    await this.fold.take(appended);
    for (const event of appended) {
      if (is(event, ObjectExported) || is(event, ExportFailed) || is(event, ExportDeferred)) this.endWrite(event.data.objectKey);
    }
  }

  private beginWrite(objectKey: ObjectKey): void {
    if (this.writing.has(objectKey)) return;
    let settle = (): void => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.writing.set(objectKey, { settled, settle });
  }

  private endWrite(objectKey: ObjectKey): void {
    this.writing.get(objectKey)?.settle();
    this.writing.delete(objectKey);
  }

  /** What was decided before, and no removal that was decided since. */
  private forget(objectKey: ObjectKey, decidedUpTo: number): void {
    if ((this.held.get(objectKey)?.sequence ?? 0) <= decidedUpTo) this.held.delete(objectKey);
  }

  passed(position: number): Promise<void> {
    return this.fold.notePassed(position);
  }

  private async export(decision: Decision, inDoubt: boolean): Promise<readonly Said[]> {
    this.beginWrite(decision.objectKey);
    const laterExport = await this.recent.laterThan(decision.basis, decision.objectKey);
    const { targets } = this.ports;
    const { signal, assertHeld } = this.context;
    return [
      await exportObject(decision, {
        inDoubt,
        laterExport,
        open: () => targets.open(decision.jobId, decision.rules, signal),
        signal,
        assertHeld,
      }),
    ];
  }

  /**
   * The release overtook the decision, which waited for an earlier write; or it came in an earlier round, because only what is released is sent back.
   * What a retry decides was never counted: it is held, and the next cycle takes the object up again.
   */
  private isReleased({ cycleId, objectKey, attempt, round }: Decision): boolean {
    return attempt === 0 && (this.released.has(cycleId) || (round > 0 && this.held.get(objectKey)?.cycleId === cycleId));
  }

  private async exportReleased(event: LogEvent<Decision>): Promise<readonly Said[]> {
    return [this.hold(event), ...(await this.export(event.data, false))];
  }

  private hold({ data, sequence }: LogEvent<Decision>): Said {
    const { changeId, attempt, round, objectKey, action, targetId, reason, cycleId } = data;
    if (attempt === 0 || !this.held.has(objectKey)) this.held.set(objectKey, { cycleId, changeId, sequence });
    return say(RemovalHeld, `${changeId}.held.${attempt}.${round}`, objectKey, {
      ...factsOf(data),
      action: action === 'delete' ? 'delete' : 'disable',
      targetId: targetId ?? '',
      reason,
    });
  }

  /** A removal that waits, and a newer decision that wants something else: the removal is off. */
  private withdraw(decision: Decision): Said[] {
    const { objectKey, action, changeId, attempt, round } = decision;
    const held = this.held.get(objectKey);
    if (!held || action === 'fail' || action === 'disable' || action === 'delete') return [];
    this.held.delete(objectKey);
    return [
      say(RemovalWithdrawn, `${changeId}.withdrawn.${attempt}.${round}`, objectKey, {
        ...factsOf(decision),
        heldCycleId: held.cycleId,
        ...(held.changeId !== null && { heldChangeId: held.changeId }),
        reason: { code: 'removal-withdrawn', text: `the removal that waited since cycle ${held.cycleId} is off: ${decision.reason.text}` },
      }),
    ];
  }

  /** Brings back what this lane holds of a cycle. What was done before a crash is not held any more. */
  private async exportHeld(cycleId: string): Promise<readonly Said[]> {
    this.released.add(cycleId);
    const held = [...this.held].filter(([objectKey, each]) => each.cycleId === cycleId && !this.writing.has(objectKey));
    for (const [objectKey] of held) this.beginWrite(objectKey);
    return (await Promise.all(held.map(([, { sequence }]) => this.exportProposed(sequence)))).flat();
  }

  private async exportProposed(sequence: number): Promise<readonly Said[]> {
    const event = await this.ports.log.find(sequence);
    if (!event || !is(event, RuleEvaluated)) throw new Error(`no removal was proposed at ${sequence} in the log`);
    return this.export(event.data, false);
  }
}

async function listHeld(database: DataSource, jobId: string, lane: string): Promise<Map<ObjectKey, Held>> {
  const rows = await database.getRepository(HeldRemoval).findBy({ jobId, lane });
  return new Map(
    rows.map(({ objectKey, cycleId, changeId, sequence }) => [
      objectKey as ObjectKey,
      { cycleId: asCycleId(cycleId), changeId: changeId === null ? null : asChangeId(changeId), sequence: Number(sequence) },
    ]),
  );
}
