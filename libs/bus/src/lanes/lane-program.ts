import type { EventDefinition, Lane, LogEvent, Stage } from '@provident/contracts';
import type { JobId } from '@provident/domain';

import type { SpanHints } from '../event-log.js';

/** One part of a job that one instance of a service works on at a time. */
export interface Unit {
  readonly jobId: JobId;
  readonly lane: Lane;
}

/** What a stage has to tell. The worker adds where, when, why and the position. */
export interface Said<Data = unknown> {
  readonly definition: EventDefinition<string, Data>;
  /** Derived from the cause. */
  readonly id: string;
  /** Object key or job id. */
  readonly about: string;
  readonly data: Data;
  readonly span?: SpanHints | undefined;
}

/** Checked at the call: the data fits the definition. */
export function say<Data>(definition: EventDefinition<string, Data>, id: string, about: string, data: Data): Said {
  return { definition: definition as EventDefinition, id, about, data };
}

export interface Heard {
  readonly event: LogEvent;
  /** An earlier instance may have acted on this event already without having been able to say so. */
  readonly inDoubt: boolean;
  /** Until when earlier inputs of that key are handled, if there are any. To be asked in the turn in which this one is heard. */
  readonly earlier: (key: string) => Promise<void> | undefined;
}

/**
 * What the stage says in answer. `together`: nothing yet, this event is answered along with the next one of its lane, and comes again if the
 * process dies before.
 */
export type Answer = readonly Said[] | 'together';

export interface LaneSession {
  handle(heard: Heard): Answer | Promise<Answer>;
  /** The object that an event is about: events of one object are handled one after another, others at once. */
  keyOf(event: LogEvent): string;
  /** What was said is in the log. Called in order, and awaited before the next append of this lane. */
  settled?(appended: readonly LogEvent[], position: number): Promise<void>;
  /** Inputs up to here needed no word. A session may keep that, so that a successor does not read them again. */
  passed?(position: number): Promise<void>;
  /** Where to start when that is known to be further than the last output tells. */
  readonly startAfter?: number;
  /** Asked every second: is there something to say by the clock? */
  due?(): Promise<readonly Said[]>;
  close?(): Promise<void>;
}

export interface LaneContext extends Unit {
  /** Position of the last input that this stage answered in this lane, by the log. */
  readonly position: number;
  /** Newest sequence of the log at takeover. */
  readonly head: number;
  /** @throws LeaseLost when somebody else may work on this unit soon: called right before every effect */
  readonly assertHeld: () => void;
  readonly signal: AbortSignal;
}

/** The lease ran out: nothing more may be done for this unit. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What a stage does in every lane. */
export interface LaneProgram {
  readonly stage: Stage;
  hears(unit: Unit): readonly string[];
  /** Inputs that are handled at once in one lane, and that a successor may find half done. */
  readonly window: number;
  open(context: LaneContext): Promise<LaneSession>;
  /** Whether the stage works by object lanes or has units of its own. */
  lanesOf(lanes: number): readonly Lane[];
}
