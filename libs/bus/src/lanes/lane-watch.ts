import type { LogEvent, Stage } from '@provident/contracts';

import type { Unit } from './lane-program.js';

/** How much a stage has before it in one lane. */
export interface LaneStanding {
  /** Inputs that are not answered yet: those in hand, and those that the log was known to hold when it was read last. */
  readonly waiting: number;
  /** When the oldest of those in hand was appended; null when there is none. */
  readonly oldestAt: string | null;
}

/** Looks on while lanes are worked on, for metrics. It throws nothing. */
export interface LaneWatch {
  /** @param standing may be asked until the end is called @returns the end */
  begin(stage: Stage, unit: Unit, standing: () => LaneStanding): () => void;
  /** The answer to an input, if only that none is needed, is in the log. */
  answered(stage: Stage, input: LogEvent): void;
}
