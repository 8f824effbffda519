import {
  type Answer,
  type EventLog,
  type Heard,
  type JobRegistry,
  type LaneContext,
  type LaneProgram,
  type LaneSession,
  type Said,
  type Unit,
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
import type { ObjectKey } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { exportObject } from './export-object.js';
import { ExportUnit, type Write } from './export-unit.js';
import { factsOf } from './facts-of.js';
import type { Targets } from './targets.js';
import { tellsOfWhole } from './tells-of-whole.js';

export interface ExporterPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly targets: Pick<Targets, 'open' | 'reopen'>;
  readonly registry: Pick<JobRegistry, 'untilStarted'>;
}

type Decision = DataOf<typeof RuleEvaluated>;

/** So many objects of a lane may be under way at once, and are looked up again by a successor that cannot know how far they got. */
const window = 128;

/**
 * The two lanes of the same objects, which one instance works on together: hears decisions, writes them to the target, says what came of it. Removals
 * wait until they are released.
 */
export function exportLanes(ports: ExporterPorts, unit: Unit): Record<'ordinary' | 'onDemand', LaneProgram> {
  let opening: Promise<ExportUnit> | null = null;
  const open = async (context: LaneContext, onDemand: boolean): Promise<LaneSession> => {
    opening ??= ExportUnit.open(ports, { ...unit, signal: context.signal });
    return new ExportSession(ports, context, await opening, onDemand);
  };
  const common = { stage: 'exporter' as const, window, lanesOf: objectLanes };
  return {
    ordinary: {
      ...common,
      hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'rule-evaluator'), subjectOf(jobId, jobLane, 'job-scheduler')],
      open: (context) => open(context, false),
    },
    onDemand: {
      ...common,
      hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'rule-evaluator')],
      open: (context) => open(context, true),
    },
  };
}

class ExportSession implements LaneSession {
  /** Of this lane, by object. */
  private readonly writes = new Map<ObjectKey, Write>();

  constructor(
    private readonly ports: ExporterPorts,
    private readonly context: LaneContext,
    private readonly unit: ExportUnit,
    private readonly onDemand: boolean,
  ) {
    context.signal.addEventListener('abort', () => this.end(), { once: true });
  }

  /** Nothing is told any more. A demand lane that had nothing in hand lets the other one come to its end. */
  private end(): void {
    if (!this.onDemand || this.writes.size > 0 || this.unit.hasDoubt) this.unit.end();
  }

  /** Of the demand lane nothing is kept: it is short, and reading it again does no harm. */
  get startAfter(): number {
    return this.onDemand ? 0 : this.unit.passed;
  }

  keyOf(event: LogEvent): string {
    return is(event, RuleEvaluated) ? event.data.objectKey : '';
  }

  handle({ event, inDoubt }: Heard): Answer | Promise<Answer> {
    if (is(event, RemovalsReleased)) return this.exportHeld(event.data.cycleId);
    if (is(event, JobRecovered)) this.ports.targets.reopen(this.context.jobId);
    if (!is(event, RuleEvaluated)) return [];
    return this.unit.busy(event.data.objectKey, this.onDemand) ? this.carryOutInTurn(event, inDoubt) : this.carryOut(event, inDoubt);
  }

  private async carryOutInTurn(event: LogEvent<Decision>, inDoubt: boolean): Promise<readonly Said[]> {
    for (let busy; (busy = this.unit.busy(event.data.objectKey, this.onDemand)); ) await busy;
    return this.carryOut(event, inDoubt);
  }

  private carryOut(event: LogEvent<Decision>, inDoubt: boolean): readonly Said[] | Promise<readonly Said[]> {
    this.context.signal.throwIfAborted();
    const withdrawn = this.withdraw(event);
    switch (event.data.action) {
      case 'create':
      case 'update':
        return this.export(event.data, inDoubt).then((said) => [...withdrawn, ...said]);
      case 'disable':
      case 'delete':
        if (event.data.demand?.allowRemoval) return this.export(event.data, inDoubt).then((said) => [...withdrawn, ...said]);
        return this.isReleased(event.data) ? this.exportReleased(event) : [this.hold(event)];
      default:
        return withdrawn;
    }
  }

  async settled(appended: readonly LogEvent[], position: number): Promise<void> {
    const { unit } = this;
    for (const event of appended) {
      if (!tellsOfWhole(event)) continue;
      if (is(event, ObjectExported)) unit.recent.note(event.data.objectKey, event.sequence);
      if (is(event, ObjectExported) || is(event, ExportFailed)) unit.forget(event.data.objectKey, event.cause);
    }
    await unit.take(appended);
    for (const event of appended) {
      if (is(event, ObjectExported) || is(event, ExportFailed) || is(event, ExportDeferred)) this.endWrite(event.data.objectKey);
    }
    if (this.onDemand) unit.demandAnswered(position);
  }

  async passed(position: number): Promise<void> {
    if (this.onDemand) this.unit.demandAnswered(position);
    else await this.unit.notePassed(position);
  }

  /** Released removals are in the queue before their decisions are read. */
  private queueWrite(objectKey: ObjectKey): Write {
    const write = this.writes.get(objectKey) ?? this.unit.queueWrite(objectKey);
    this.writes.set(objectKey, write);
    return write;
  }

  private endWrite(objectKey: ObjectKey): void {
    const write = this.writes.get(objectKey);
    if (write) this.unit.endWrite(write);
    this.writes.delete(objectKey);
  }

  private async export(decision: Decision, inDoubt: boolean): Promise<readonly Said[]> {
    const { unit, onDemand } = this;
    const write = this.queueWrite(decision.objectKey);
    const laterExport = tellsOfWhole({ data: decision }) ? await unit.recent.laterThan(decision.basis, decision.objectKey) : null;
    const { targets } = this.ports;
    const { signal, assertHeld } = this.context;
    return [
      await exportObject(decision, {
        // On demand it is always looked first: the ordinary lane's predecessor may have had the same person in hand.
        inDoubt: inDoubt || onDemand || unit.isDoubtful(decision.objectKey),
        laterExport,
        open: async () => {
          const target = await targets.open(decision.jobId, decision.rules, signal);
          return onDemand ? { ...target, gate: target.gate.forDemand() } : target;
        },
        signal,
        assertHeld,
        begin: () => unit.beginWrite(write),
        untilStarted: (until) => this.ports.registry.untilStarted(decision.jobId, until),
      }),
    ];
  }

  /**
   * The release overtook the decision, which waited for an earlier write; or it came in an earlier round, because only what is released is sent back.
   * What a retry decides, or somebody asked for, was never counted: it is held, and the next cycle takes the object up again.
   */
  private isReleased({ cycleId, objectKey, attempt, round }: Decision): boolean {
    return attempt === 0 && (this.unit.released.has(cycleId) || (round > 0 && this.unit.held.get(objectKey)?.cycleId === cycleId));
  }

  private async exportReleased(event: LogEvent<Decision>): Promise<readonly Said[]> {
    return [this.hold(event), ...(await this.export(event.data, false))];
  }

  private hold({ data, sequence }: LogEvent<Decision>): Said {
    const { changeId, attempt, round, objectKey, action, targetId, reason, cycleId, demand } = data;
    if ((attempt === 0 && !demand) || !this.unit.held.has(objectKey)) this.unit.held.set(objectKey, { cycleId, changeId, sequence });
    return say(RemovalHeld, `${changeId}.held.${attempt}.${round}`, objectKey, {
      ...factsOf(data),
      action: action === 'delete' ? 'delete' : 'disable',
      targetId: targetId ?? '',
      reason,
    });
  }

  /** A removal that waits, and a newer decision that wants something else, or the same at once: the removal is off. */
  private withdraw({ data: decision, sequence }: LogEvent<Decision>): Said[] {
    const { objectKey, action, changeId, attempt, round, demand } = decision;
    const held = this.unit.held.get(objectKey);
    if (!held || held.sequence > sequence || !tellsOfWhole({ data: decision }) || action === 'fail') return [];
    if ((action === 'disable' || action === 'delete') && !demand?.allowRemoval) return [];
    this.unit.held.delete(objectKey);
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
    this.unit.released.add(cycleId);
    const held = [...this.unit.held].filter(([objectKey, each]) => each.cycleId === cycleId && !this.unit.isWriting(objectKey));
    for (const [objectKey] of held) this.queueWrite(objectKey);
    return (await Promise.all(held.map(([, { sequence }]) => this.exportProposed(sequence)))).flat();
  }

  private async exportProposed(sequence: number): Promise<readonly Said[]> {
    const event = await this.ports.log.find(sequence);
    if (!event || !is(event, RuleEvaluated)) throw new Error(`no removal was proposed at ${sequence} in the log`);
    return this.export(event.data, false);
  }
}
