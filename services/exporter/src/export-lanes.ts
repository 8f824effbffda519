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
  RemovalRejected,
  RemovalWithdrawn,
  RemovalsRejected,
  RemovalsReleased,
  RuleEvaluated,
  WriteAction,
  configLane,
  is,
  jobLane,
  objectLanes,
  subjectOf,
} from '@provident/contracts';
import { type JobId, type ObjectKey, releasedCode, removalKindOf } from '@provident/domain';
import type { Tracer } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { exportObject, membersOf, sayErased, sayOvertaken } from './export-object.js';
import { ExportUnit, type Held, type HeldMembers, type Write } from './export-unit.js';
import { factsOf } from './facts-of.js';
import { endsHeldMembers, isCounted, tellsOfWrite } from './state/fold-exports.js';
import type { Targets } from './targets.js';
import { tellsOfWhole } from './tells-of-whole.js';
import type { Verdict } from './verdicts.js';

export interface ExporterPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly targets: Pick<Targets, 'open' | 'reopen'>;
  readonly registry: Pick<JobRegistry, 'untilStarted'>;
  /** Follows the requests of an export; nobody does unless traces are wanted. */
  readonly tracer?: Pick<Tracer, 'duringExport'> | undefined;
}

type Decision = DataOf<typeof RuleEvaluated>;

/** Somebody who waits for an object. */
interface Turn {
  /** Of the input. */
  readonly sequence: number;
  readonly hasCome: Promise<void>;
}

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
      hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'rule-evaluator'), subjectOf(jobId, jobLane, 'job-scheduler'), links(jobId)],
      open: (context) => open(context, false),
    },
    onDemand: {
      ...common,
      hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'rule-evaluator'), links(jobId)],
      open: (context) => open(context, true),
    },
  };
}

/** What people say of links: few events, each before every decision that knows of it. */
const links = (jobId: JobId): string => subjectOf(jobId, configLane, 'importer');

class ExportSession implements LaneSession {
  /** Of this lane, by object. */
  private readonly writes = new Map<ObjectKey, Write>();
  /** Of this lane, who waits for each object. */
  private readonly turns = new Map<ObjectKey, readonly Turn[]>();

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

  private get lane(): 'ordinary' | 'onDemand' {
    return this.onDemand ? 'onDemand' : 'ordinary';
  }

  /** Of the demand lane nothing is kept: it is short, and reading it again does no harm. */
  get startAfter(): number {
    return this.onDemand ? 0 : this.unit.passed;
  }

  /** Releases do not wait for each other: each queues for its objects in the turn in which it is heard. */
  keyOf(event: LogEvent): string {
    if (is(event, RemovalsReleased)) return event.id;
    return is(event, RuleEvaluated) ? event.data.objectKey : '';
  }

  handle({ event, inDoubt, earlier }: Heard): Answer | Promise<Answer> {
    if (is(event, RemovalsReleased)) return this.release(event, earlier);
    if (is(event, RemovalsRejected)) return this.reject(event);
    this.unit.noteLink(event);
    if (is(event, JobRecovered)) this.ports.targets.reopen(this.context.jobId);
    if (!is(event, RuleEvaluated)) return [];
    if (event.isErased && writesValues(event.data)) return [sayErased(event.data)];
    return this.inTurn(event.data.objectKey, event, () => this.carryOut(event, inDoubt));
  }

  /**
   * Goes on at once if nobody has the object in hand, and otherwise when all that came before are through. What is said stands in the log in the order of
   * the inputs: whoever overtook an earlier one would wait for its word, and that one for the object.
   * @param sequence of the input
   * @param earlier until when earlier inputs about the object are handled, if these have not been heard yet
   */
  private inTurn<Result>(
    objectKey: ObjectKey,
    { sequence, earlier }: { readonly sequence: number; readonly earlier?: Promise<void> | undefined },
    goOn: () => Result | Promise<Result>,
  ): Result | Promise<Result> {
    const turns = this.turns.get(objectKey) ?? [];
    const before = turns.filter((turn) => turn.sequence < sequence).map(({ hasCome }) => hasCome);
    if (!earlier && before.length === 0 && !this.unit.busy(objectKey, this.onDemand)) return goOn();
    let come = (): void => undefined;
    const hasCome = new Promise<void>((resolve) => (come = resolve));
    const turn: Turn = { sequence, hasCome };
    this.turns.set(objectKey, [...turns, turn]);
    const wait = async (): Promise<Result> => {
      await Promise.all([earlier, ...before]);
      for (let busy; (busy = this.unit.busy(objectKey, this.onDemand)); ) await busy;
      this.endTurn(objectKey, turn);
      come();
      return goOn();
    };
    return wait();
  }

  private endTurn(objectKey: ObjectKey, turn: Turn): void {
    const left = this.turns.get(objectKey)!.filter((each) => each !== turn);
    if (left.length > 0) this.turns.set(objectKey, left);
    else this.turns.delete(objectKey);
  }

  private carryOut(event: LogEvent<Decision>, inDoubt: boolean): readonly Said[] | Promise<readonly Said[]> {
    this.context.signal.throwIfAborted();
    const newer = this.newerRemoval(event);
    if (newer) return isWrite(event.data) ? [sayOvertaken(event.data, newer.sequence)] : [];
    const withdrawn = this.withdraw(event);
    switch (event.data.action) {
      case 'create':
      case 'update':
        if (event.data.guard) return this.remove(event);
        return this.export(event.data, inDoubt).then((said) => [...withdrawn, ...said]);
      case 'disable':
      case 'delete':
        if (event.data.demand?.allowRemoval) return this.export(event.data, inDoubt).then((said) => [...withdrawn, ...said]);
        return this.remove(event);
      default:
        return withdrawn;
    }
  }

  async settled(appended: readonly LogEvent[], position: number): Promise<void> {
    const { unit } = this;
    for (const event of appended) {
      if (!tellsOfWhole(event)) {
        if (endsHeldMembers(event)) unit.heldMembers.delete((event.data as Decision).changeId);
        continue;
      }
      if (tellsOfWrite(event)) unit.recent.note(event.data.objectKey, event.sequence);
      // Work on demand says what it ends: what was not told yet when it was carried out still waits, and is sent back once it is released.
      if (!this.onDemand && (is(event, ObjectExported) || is(event, ExportFailed) || is(event, RemovalRejected)))
        unit.forget(event.data.objectKey, event.cause);
      if (is(event, RemovalHeld)) unit.noteTold(event.data.objectKey, event.data.changeId);
      if (is(event, ExportDeferred)) unit.noteSentBack(event.data.objectKey, event.data.changeId);
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

  /** @param isOff asked right before the write begins: somebody has said meanwhile that it is not to be done */
  private async export(decision: Decision, inDoubt: boolean, isOff: () => boolean = () => false): Promise<readonly Said[]> {
    const { unit, onDemand } = this;
    const write = this.queueWrite(decision.objectKey);
    const laterExport = tellsOfWhole({ data: decision }) ? await unit.recent.laterThan(decision.basis, decision.objectKey) : null;
    const relinked = (): number | null => unit.relinkedSince(decision.basis, decision.objectKey);
    const { targets, tracer } = this.ports;
    const { signal, assertHeld } = this.context;
    const carryOut = (): Promise<Said> =>
      exportObject(decision, {
        // On demand it is always looked first: the ordinary lane's predecessor may have had the same person in hand.
        inDoubt: inDoubt || onDemand || unit.isDoubtful(decision.objectKey),
        laterExport,
        relinked,
        open: async () => {
          const target = await targets.open(decision.jobId, decision.rules, signal);
          return onDemand ? { ...target, gate: target.gate.forDemand() } : target;
        },
        signal,
        assertHeld,
        begin: () => !isOff() && unit.beginWrite(write),
        untilStarted: (until) => this.ports.registry.untilStarted(decision.jobId, until),
      });
    return [await (tracer ? tracer.duringExport(decision, carryOut) : carryOut())];
  }

  /** Waits for the cycle's verdict, unless that came first, because the decision waited for an earlier write. */
  private remove(event: LogEvent<Decision>): readonly Said[] | Promise<readonly Said[]> {
    const before = this.unit.held.get(event.data.objectKey);
    const held = this.hold(event);
    const verdict = this.verdictUpon(event.data, before);
    if (verdict === null) return [held];
    if (verdict !== 'released' && verdict.verdict === 'rejected') return [held, sayRejected(event.data, verdict)];
    return this.export(event.data, false).then((said) => [held, ...said]);
  }

  /**
   * A removal that was released and then sent back is released still. What a retry decides, or somebody asked for, was never counted: it is held, and the
   * next cycle takes the object up again; as it does with what became a removal only in a later round.
   */
  private verdictUpon(decision: Decision, before: Held | undefined): Verdict | 'released' | null {
    const { cycleId, objectKey, attempt, round } = decision;
    if (attempt > 0) return null;
    const verdict = this.unit.verdicts.upon({ cycleId, objectKey, kind: removalKindOf(decision) });
    return verdict ?? (round > 0 && before?.sentBack && before.cycleId === cycleId ? 'released' : null);
  }

  private hold({ data, sequence, cause: imported }: LogEvent<Decision>): Said {
    const { changeId, attempt, round, objectKey, action, targetId, reason, cycleId } = data;
    const kind = removalKindOf(data);
    const other = this.unit.held.get(objectKey);
    if (data.guard) this.unit.heldMembers.set(changeId, { changeId, objectKey, cycleId, kind, sequence });
    else if (isCounted(data) || !other || other.isUncounted)
      this.unit.held.set(objectKey, { cycleId, kind, changeId, sequence, imported, untoldBy: this.lane, isUncounted: !isCounted(data) });
    return say(RemovalHeld, `${changeId}.held.${attempt}.${round}`, objectKey, {
      ...factsOf(data),
      action: action as WriteAction,
      targetId: targetId ?? '',
      reason,
      imported,
      ...membersOf(data),
    });
  }

  /**
   * A removal that waits and was decided upon a newer import, where the decision wants something else: it comes late, such as because its lane stood still,
   * and holds no more. One that wants a removal too waits like any other: its cycle counts it.
   */
  private newerRemoval({ data: decision, cause }: LogEvent<Decision>): Held | null {
    const { action, demand } = decision;
    if (!tellsOfWhole({ data: decision }) || ((action === 'disable' || action === 'delete') && !demand?.allowRemoval)) return null;
    const held = this.unit.heldFor(decision.objectKey, this.lane);
    return held && held.imported !== null && held.imported > cause ? held : null;
  }

  /** A removal that waits, and a newer decision that wants something else, or the same at once: the removal is off. */
  private withdraw({ data: decision, sequence }: LogEvent<Decision>): Said[] {
    const { objectKey, action, changeId, attempt, round, demand } = decision;
    const held = this.unit.heldFor(objectKey, this.lane);
    if (!held || held.sequence > sequence || !tellsOfWhole({ data: decision }) || action === 'fail') return [];
    if ((action === 'disable' || action === 'delete') && !demand?.allowRemoval) return [];
    this.unit.held.delete(objectKey);
    if (held.sentBack) return []; // it does not wait any more: this is what it was sent back for
    return [
      say(RemovalWithdrawn, `${changeId}.withdrawn.${attempt}.${round}`, objectKey, {
        ...factsOf(decision),
        heldCycleId: held.cycleId,
        ...(held.changeId !== null && { heldChangeId: held.changeId }),
        ...(held.isUncounted && { uncounted: true as const }),
        reason: { code: 'removal-withdrawn', text: `the removal that waited since cycle ${held.cycleId} is off: ${decision.reason.text}` },
      }),
    ];
  }

  /** Does what this lane holds of a cycle. What was done before a crash is not held any more. */
  private async release(
    { sequence, data, at }: LogEvent<DataOf<typeof RemovalsReleased>>,
    earlier: Heard['earlier'],
  ): Promise<readonly Said[]> {
    const verdict: Verdict = { verdict: 'released', ...data, at, waited: data.waited === true };
    this.unit.verdicts.add(verdict);
    const accounts = new Map(this.heldAccounts(verdict));
    const lots = this.heldMembers(verdict);
    const groups = groupBy(verdict.waited ? [] : lots, ({ objectKey }) => objectKey);
    const said = await Promise.all([
      ...(verdict.waited ? [this.proposeAnew(lots, verdict)] : []),
      ...[...new Set([...groups.keys(), ...accounts.keys()])].map((objectKey) => {
        const turn = this.inTurn(objectKey, { sequence, earlier: earlier(objectKey) }, () => void this.queueWrite(objectKey));
        return this.removeHeld(objectKey, groups.get(objectKey) ?? [], accounts.get(objectKey), turn);
      }),
    ]);
    return said.flat();
  }

  /** Lets be what this lane holds of a cycle. */
  private async reject({ data, at }: LogEvent<DataOf<typeof RemovalsRejected>>): Promise<readonly Said[]> {
    const verdict: Verdict = { verdict: 'rejected', ...data, at, waited: true };
    this.unit.verdicts.add(verdict);
    const said = await Promise.all([
      ...this.heldAccounts(verdict).map(([objectKey, held]) => this.rejectAccount(objectKey, held, verdict)),
      ...this.heldMembers(verdict).map(async ({ sequence }) => [sayRejected(await this.proposedAt(sequence), verdict)]),
    ]);
    return said.flat();
  }

  /** Whoever was let in before has said that it is off, and whoever comes from now on finds nothing that waits: it is told once what becomes of it. */
  private async rejectAccount(objectKey: ObjectKey, held: Held, verdict: Verdict): Promise<readonly Said[]> {
    const decision = await this.proposedAt(held.sequence);
    if (this.isOff(objectKey, held)) return [];
    this.unit.held.delete(objectKey);
    return [sayRejected(decision, verdict)];
  }

  private isOff(objectKey: ObjectKey, { sequence }: Held): boolean {
    const held = this.unit.held.get(objectKey);
    return held?.sequence !== sequence || held.sentBack === true;
  }

  /** What an earlier verdict is about is on its way: it stands among the held until that is told. */
  private heldAccounts(verdict: Verdict): [ObjectKey, Held][] {
    return [...this.unit.held].filter(
      ([objectKey, { cycleId, kind, sentBack }]) => sentBack !== true && this.unit.verdicts.upon({ cycleId, objectKey, kind }) === verdict,
    );
  }

  private heldMembers(verdict: Verdict): HeldMembers[] {
    return [...this.unit.heldMembers.values()].filter((held) => this.unit.verdicts.upon(held) === verdict);
  }

  /** What waits on is in the queue before later decisions are read, and behind whatever is being written to the object. @param turn when it is free */
  private async removeHeld(
    objectKey: ObjectKey,
    lots: readonly HeldMembers[],
    account: Held | undefined,
    turn: void | Promise<void>,
  ): Promise<readonly Said[]> {
    await turn;
    const members = await this.removeMembers(lots);
    const said = [...members, ...(account ? await this.removeAccount(objectKey, account) : [])];
    if (said.length === 0) this.endWrite(objectKey);
    return said;
  }

  /** Done by then, it is done. */
  private async removeAccount(objectKey: ObjectKey, held: Held): Promise<readonly Said[]> {
    const isOff = (): boolean => this.isOff(objectKey, held);
    if (isOff()) return [];
    const said = await this.export(await this.proposedAt(held.sequence), false, isOff);
    // Whoever was let in before has said that it is off: to send it back besides would count it twice.
    return isOff() && said.every(({ definition }) => definition.type === ExportDeferred.type) ? [] : said;
  }

  /** One lot after the other. */
  private async removeMembers(lots: readonly HeldMembers[]): Promise<readonly Said[]> {
    const said: Said[] = [];
    for (const { changeId, sequence } of lots)
      if (this.unit.heldMembers.has(changeId)) said.push(...(await this.export(await this.proposedAt(sequence), false)));
    return said;
  }

  /** Who was to leave may have come back since: the importer, which knows, says anew who still is to leave. */
  private proposeAnew(lots: readonly HeldMembers[], { by }: Verdict): Promise<readonly Said[]> {
    return Promise.all(
      lots.map(async ({ sequence }) => {
        const decision = await this.proposedAt(sequence);
        const { changeId, attempt, round, objectKey, cycleId } = decision;
        return say(RemovalWithdrawn, `${changeId}.withdrawn.${attempt}.${round}`, objectKey, {
          ...factsOf(decision),
          heldCycleId: cycleId,
          heldChangeId: changeId,
          reason: {
            code: releasedCode,
            text: `released by ${by.name}: whoever still is to leave the group does so by a change of its own`,
          },
          part: 'members',
        });
      }),
    );
  }

  private async proposedAt(sequence: number): Promise<Decision> {
    const event = await this.ports.log.find(sequence);
    if (!event || !is(event, RuleEvaluated)) throw new Error(`no removal was proposed at ${sequence} in the log`);
    return event.data;
  }
}

/** A removal that waited is not done, because a person does not want it. */
function sayRejected(decision: Decision, { by }: Verdict): Said {
  const { changeId, attempt, round, objectKey, action, targetId, reason } = decision;
  return say(RemovalRejected, `${changeId}.rejected.${attempt}.${round}`, objectKey, {
    ...factsOf(decision),
    action: action as WriteAction,
    targetId: targetId ?? '',
    by,
    reason: { code: 'removal-rejected', text: `rejected by ${by.name}: ${reason.text}` },
    ...membersOf(decision),
  });
}

/** A removal needs no values. */
const isWrite = ({ action }: Decision): boolean => WriteAction.safeParse(action).success;
const writesValues = ({ action, changes }: Decision): boolean => (action === 'create' || action === 'update') && changes.length > 0;

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
