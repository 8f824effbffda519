import { type Appender, type EventLog, type NewEvent, type Said, StaleWriter } from '@provident/bus';
import { type Lane, configLane, demandLaneOf, demandLanes, jobLane, laneOf, objectLanes, subjectOf } from '@provident/contracts';
import type { JobId, ObjectKey } from '@provident/domain';

export interface WriterPorts {
  readonly log: EventLog;
  readonly appender: Appender;
  readonly now: () => Date;
  readonly assertHeld: () => void;
}

/** Something to say about an object or the job, and the event that it answers. */
export interface Saying {
  readonly said: Said;
  readonly cause: number;
}

/** Of so many objects it is known exactly when they were spoken of last; of all others, that it was before. */
const remembered = 10_000;

/** What was said may stand in the log or not. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * Says what the importer has to say of one job, on all of its lanes. Guarded by the last sequence seen on each: a second importer of the same job
 * is refused. Positions are not used: what is still to be answered stands in the importer's tables.
 */
export class JobWriter {
  private readonly last = new Map<string, number>();
  /** Sequence of what was said last of an object, the longest ago first; and how far what was said of all others reaches at most. */
  private readonly lastOf = new Map<string, number>();
  private lastOfOthers = 0;
  private demandTurn: Promise<unknown> = Promise.resolve();
  private giveUp: (error: unknown) => void = () => undefined;
  /** Rejects once an append failed: what stands in the log is not known any more, and whoever goes on has to look. */
  readonly lost = new Promise<never>((_, reject) => {
    this.giveUp = reject;
  });

  constructor(
    private readonly jobId: JobId,
    private readonly lanes: number,
    private readonly ports: WriterPorts,
  ) {
    this.lost.catch(() => undefined); // told to whoever asked for the append as well
  }

  /** Sees what stands on each subject. What is decided from now on must know of all of it: `lastSequence` says how far. */
  async open(): Promise<void> {
    for (const lane of [...objectLanes(this.lanes), ...demandLanes(this.lanes), jobLane, configLane]) {
      const subject = subjectOf(this.jobId, lane, 'importer');
      this.last.set(subject, (await this.ports.log.findLast(subject))?.sequence ?? 0);
    }
    this.lastOfOthers = this.lastSequence;
  }

  /** Sequence of the newest event that was said; 0 for none. */
  get lastSequence(): number {
    return Math.max(0, ...this.last.values());
  }

  /** Nothing that was said of that object has a later sequence. */
  lastSequenceOf(objectKey: ObjectKey): number {
    return this.lastOf.get(objectKey) ?? this.lastOfOthers;
  }

  /** Appends objects in their lanes and, last, what is said of the job; all or nothing. @returns the last sequence */
  append(objects: readonly Saying[], job: readonly Saying[] = []): Promise<number> {
    const at = this.ports.now().toISOString();
    return this.appendEvents([
      ...objects.map((each) => this.event(each, this.laneOf(each), at)),
      ...job.map((each) => this.event(each, jobLane, at)),
    ]);
  }

  /** Appends objects in their demand lanes, one append after another, beside whatever else is being appended. @returns the last sequence */
  appendOnDemand(objects: readonly Saying[]): Promise<number> {
    const at = this.ports.now().toISOString();
    const events = objects.map((each) => this.event(each, demandLaneOf(this.laneOf(each)), at));
    const appended = this.demandTurn.then(() => this.appendEvents(events));
    this.demandTurn = appended.catch(() => undefined); // told to whoever asked
    return appended;
  }

  /** Appends what a person said of a link, apart from everything that is read, one append after another. @returns its sequence */
  appendLink(link: Saying): Promise<number> {
    return this.appendEvents([this.event(link, configLane, this.ports.now().toISOString())]);
  }

  private laneOf = ({ said }: Saying): Lane => laneOf(said.about as ObjectKey, this.lanes);

  private async appendEvents(events: readonly NewEvent[]): Promise<number> {
    this.ports.assertHeld();
    if (events.length === 0) return 0;
    const subjects = events.map(({ lane }) => subjectOf(this.jobId, lane, 'importer'));
    const expected = new Map<string, number>();
    for (const subject of new Set(subjects)) expected.set(subject, this.last.get(subject) ?? 0);
    const sequences = await this.ports.appender.append(events, expected).catch((cause: unknown) => {
      const error = cause instanceof StaleWriter ? cause : new OutcomeUnknown((cause as Error).message, { cause });
      this.giveUp(error);
      throw error;
    });
    for (const [index, subject] of subjects.entries()) {
      this.last.set(subject, sequences[index]!);
      this.remember(events[index]!.about, sequences[index]!);
    }
    return sequences.at(-1)!;
  }

  private remember(about: string, sequence: number): void {
    this.lastOf.delete(about);
    this.lastOf.set(about, sequence);
    if (this.lastOf.size <= remembered) return;
    const [longestAgo, last] = this.lastOf.entries().next().value!;
    this.lastOf.delete(longestAgo);
    this.lastOfOthers = Math.max(this.lastOfOthers, last);
  }

  private event({ said, cause }: Saying, lane: Lane, at: string): NewEvent {
    return { ...said, jobId: this.jobId, lane, stage: 'importer', at, cause, position: 0 };
  }
}
