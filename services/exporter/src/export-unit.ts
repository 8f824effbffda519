import { type EventLog, type LaneContext, LeaseLost } from '@provident/bus';
import { LinkRemoved, LinkRepaired, type LogEvent, RuleEvaluated, configLane, demandLaneOf, is, subjectOf } from '@provident/contracts';
import { type ChangeId, type CycleId, type JobId, type ObjectKey, type RemovalKind, asChangeId, asCycleId } from '@provident/domain';
import { StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { foldExports } from './state/fold-exports.js';
import { RecentExports } from './state/recent-exports.js';
import { HeldMembersRow, HeldRemoval } from './state/schema.js';
import { Verdicts } from './verdicts.js';

export interface Held {
  readonly cycleId: CycleId;
  /** null when an older version held it: an account. */
  readonly kind: RemovalKind | null;
  /** null when an older version held it. */
  readonly changeId: ChangeId | null;
  /** Log sequence of the decision. */
  readonly sequence: number;
  /** Log sequence of the import that it was decided upon; null when an older version held it. */
  readonly imported: number | null;
  /** It was released and sent back to be decided anew: no other verdict is about that decision. */
  readonly sentBack?: boolean;
  /** By no cycle: a retry decided it, or somebody asked for it. */
  readonly isUncounted?: boolean;
  /** The lane that has still to tell of it: until then the log has nothing that the other one could say is off. */
  readonly untoldBy?: 'ordinary' | 'onDemand';
}

/** Members who are to leave a group, and wait. A group may lose several lots of them. */
export interface HeldMembers extends Omit<Held, 'imported'> {
  readonly changeId: ChangeId;
  readonly objectKey: ObjectKey;
}

export interface UnitPorts {
  readonly log: EventLog;
  readonly database: DataSource;
}

interface Pending {
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

/** A write on its way: in the queue of its target at first, then begun; until it stands in the log. */
export interface Write extends Pending {
  readonly objectKey: ObjectKey;
  hasBegun: boolean;
}

/**
 * What the two lanes of the same objects share, the ordinary one and that for work on demand: they are worked on by one instance, under one lease, and
 * know of each other's writes. An object is written by one of them at a time, and each sees what the other wrote before.
 */
export class ExportUnit {
  /** What was decided upon removals since this unit was opened. */
  readonly verdicts = new Verdicts();
  /** Where in the log a person last took an object's link away or set it: what was decided without knowing of that is sent back. */
  private readonly relinked = new Map<ObjectKey, number>();
  /** Writes that are not in the log yet, by object: what was decided about the same object does not know of them, and waits until it can be seen so. */
  private readonly writing = new Map<ObjectKey, Write>();
  /** All of them, also those that were overtaken: somebody may wait for each. */
  private readonly open = new Set<Write>();
  private folding: Promise<void> = Promise.resolve();
  private isOver = false;

  private constructor(
    private readonly fold: StateFold,
    readonly recent: RecentExports,
    readonly held: Map<ObjectKey, Held>,
    readonly heldMembers: Map<ChangeId, HeldMembers>,
    private readonly doubt: Doubt,
  ) {}

  static async open(
    { log, database }: UnitPorts,
    { jobId, lane, signal }: Pick<LaneContext, 'jobId' | 'lane' | 'signal'>,
  ): Promise<ExportUnit> {
    const head = await log.head();
    const fold = await StateFold.open(log, database, {
      name: `${jobId}.${lane}`,
      filters: [subjectOf(jobId, lane, 'exporter'), subjectOf(jobId, demandLaneOf(lane), 'exporter')],
      apply: foldExports,
    });
    await fold.catchUp(signal);
    const [held, doubt] = [await listHeld(database, jobId, lane), await doubtOf(log, jobId, demandLaneOf(lane), signal)];
    const heldMembers = await listHeldMembers(database, jobId, lane);
    const unit = new ExportUnit(fold, new RecentExports(database, jobId, head), held, heldMembers, doubt);
    for await (const event of readUpToHead(log, subjectOf(jobId, configLane, 'importer'), 0, signal)) unit.noteLink(event);
    return unit;
  }

  /** Inputs of the ordinary lane up to here needed no word. */
  get passed(): number {
    return this.fold.passed;
  }

  notePassed(position: number): Promise<void> {
    return this.fold.notePassed(position);
  }

  /** What a person said of a link. */
  noteLink(event: LogEvent): void {
    if (is(event, LinkRemoved) || is(event, LinkRepaired)) this.relinked.set(event.data.objectKey, event.sequence);
  }

  /** Where in the log a person changed the object's link, if that is later than the basis; else null. */
  relinkedSince(basis: number, objectKey: ObjectKey): number | null {
    const at = this.relinked.get(objectKey);
    return at !== undefined && at > basis ? at : null;
  }

  /** Puts what one of the lanes said into the tables; the lanes' appends come in the order of the log. */
  take(appended: readonly LogEvent[]): Promise<void> {
    this.folding = this.folding.then(() => this.fold.take(appended));
    return this.folding;
  }

  /** What has to end before the object may be written, or nothing. Work on demand overtakes a write that has not begun. @param onDemand who asks */
  busy(objectKey: ObjectKey, onDemand: boolean): Promise<void> | undefined {
    if (this.isOver) return undefined;
    const write = this.writing.get(objectKey);
    if (onDemand) return write?.hasBegun ? write.settled : undefined;
    return write?.settled ?? this.doubt.about(objectKey);
  }

  /** A predecessor may have written this object on demand without having been able to say so. */
  isDoubtful = (objectKey: ObjectKey): boolean => this.doubt.objects.has(objectKey);

  /** Takes the object for a write, out of the hands of one that has not begun. */
  queueWrite(objectKey: ObjectKey): Write {
    const write: Write = { ...pending(), objectKey, hasBegun: false };
    this.writing.set(objectKey, write);
    this.open.add(write);
    return write;
  }

  /**
   * Called right before each request.
   * @returns whether it may be made: the object was not taken over meanwhile
   * @throws LeaseLost once the unit has ended
   */
  beginWrite(write: Write): boolean {
    if (this.isOver) throw new LeaseLost('the other lane of these objects has ended, and may have a write under way');
    if (this.writing.get(write.objectKey) !== write) return false;
    write.hasBegun = true;
    return true;
  }

  endWrite(write: Write): void {
    if (this.writing.get(write.objectKey) === write) this.writing.delete(write.objectKey);
    this.open.delete(write);
    write.settle();
  }

  /** Whether a predecessor's work on demand has still to be found out about. */
  get hasDoubt(): boolean {
    return this.doubt.isOpen;
  }

  /** Inputs of the demand lane up to here are answered. */
  demandAnswered(position: number): void {
    this.doubt.answered(position);
  }

  /** Nothing is told any more by one of the lanes: who waits is let go, and stopped before it acts. */
  end(): void {
    this.isOver = true;
    this.doubt.answered(Infinity);
    for (const write of this.open) this.endWrite(write);
  }

  /** A removal that was released does not fit any more: what is decided anew takes its place. */
  noteSentBack(objectKey: ObjectKey, changeId: ChangeId): void {
    const held = this.held.get(objectKey);
    if (held?.changeId === changeId) this.held.set(objectKey, { ...held, sentBack: true });
  }

  noteTold(objectKey: ObjectKey, changeId: ChangeId): void {
    const held = this.held.get(objectKey);
    if (!held?.untoldBy || held.changeId !== changeId) return;
    const { untoldBy: _, ...told } = held;
    this.held.set(objectKey, told);
  }

  /** What waits, if a lane may say something of it. */
  heldFor(objectKey: ObjectKey, lane: Held['untoldBy']): Held | undefined {
    const held = this.held.get(objectKey);
    return held?.untoldBy === undefined || held.untoldBy === lane ? held : undefined;
  }

  /** What was decided before, and no removal that was decided since. */
  forget(objectKey: ObjectKey, decidedUpTo: number): void {
    if ((this.held.get(objectKey)?.sequence ?? Number.POSITIVE_INFINITY) <= decidedUpTo) this.held.delete(objectKey);
  }
}

/** Objects that a predecessor had in hand on demand: the ordinary lane leaves them alone until the demand lane has found out. */
class Doubt {
  private readonly found = pending();
  private isFound: boolean;

  constructor(
    readonly objects: ReadonlySet<ObjectKey>,
    private readonly upTo: number,
  ) {
    this.isFound = objects.size === 0;
  }

  get isOpen(): boolean {
    return !this.isFound;
  }

  about(objectKey: ObjectKey): Promise<void> | undefined {
    return !this.isFound && this.objects.has(objectKey) ? this.found.settled : undefined;
  }

  answered(position: number): void {
    if (this.isFound || position < this.upTo) return;
    this.isFound = true;
    this.found.settle();
  }
}

/** What stands on a subject behind a position, up to its present end. */
async function* readUpToHead(log: EventLog, subject: string, after: number, signal: AbortSignal): AsyncGenerator<LogEvent> {
  const last = (await log.findLast(subject))?.sequence ?? 0;
  if (last <= after) return;
  const enough = new AbortController();
  for await (const events of log.read({ filters: [subject], after, signal: AbortSignal.any([signal, enough.signal]) })) {
    yield* events;
    if (events.at(-1)!.sequence >= last) enough.abort();
  }
}

/** Decisions on demand that no word of the exporter stands behind. */
async function doubtOf(log: EventLog, jobId: JobId, lane: string, signal: AbortSignal): Promise<Doubt> {
  const after = (await log.findLast(subjectOf(jobId, lane, 'exporter')))?.position ?? 0;
  const decisions = subjectOf(jobId, lane, 'rule-evaluator');
  const last = (await log.findLast(decisions))?.sequence ?? 0;
  const objects = new Set<ObjectKey>();
  for await (const event of readUpToHead(log, decisions, after, signal)) if (is(event, RuleEvaluated)) objects.add(event.data.objectKey);
  return new Doubt(objects, last);
}

function pending(): Pending {
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}

async function listHeld(database: DataSource, jobId: string, lane: string): Promise<Map<ObjectKey, Held>> {
  const rows = await database.getRepository(HeldRemoval).findBy({ jobId, lane });
  return new Map(
    rows.map(({ objectKey, cycleId, changeId, kind, sequence, imported, sentBack, counted }) => [
      objectKey as ObjectKey,
      {
        cycleId: asCycleId(cycleId),
        kind,
        changeId: changeId === null ? null : asChangeId(changeId),
        sequence: Number(sequence),
        imported: imported === null ? null : Number(imported),
        sentBack,
        isUncounted: !counted,
      },
    ]),
  );
}

async function listHeldMembers(database: DataSource, jobId: string, lane: string): Promise<Map<ChangeId, HeldMembers>> {
  const rows = await database.getRepository(HeldMembersRow).findBy({ jobId, lane });
  return new Map(
    rows.map(({ changeId: id, objectKey, cycleId, kind, sequence }) => {
      const changeId = asChangeId(id);
      return [changeId, { changeId, objectKey: objectKey as ObjectKey, cycleId: asCycleId(cycleId), kind, sequence: Number(sequence) }];
    }),
  );
}
