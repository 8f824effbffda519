import { type LogEvent, subjectOf } from '@provident/contracts';

import { Appender } from '../appender.js';
import type { EventLog } from '../event-log.js';
import type { LaneProgram } from '../lanes/lane-program.js';
import { LaneWorker } from '../lanes/lane-worker.js';
import { aJob } from './events.js';
import type { MemoryLog } from './memory-log.js';

/** One run of a lane program, as a pool would start it. */
export interface LaneRun {
  /** Settles when the run ends: with what ended it early. */
  readonly ended: Promise<void>;
  /** Asks the run to end, and waits for it. */
  readonly stop: () => Promise<void>;
}

export interface LaneRunOptions {
  readonly lane?: string;
  readonly now?: () => Date;
  readonly assertHeld?: () => void;
}

/** Runs a program in one lane of the job of the specs. */
export function runLane(
  log: EventLog,
  program: LaneProgram,
  { lane = '0', now = () => new Date(0), assertHeld = () => undefined }: LaneRunOptions = {},
): LaneRun {
  const stop = new AbortController();
  const worker = new LaneWorker(program, { jobId: aJob, lane }, { log, appender: new Appender(log), now, assertHeld });
  const ended = worker.run(stop.signal);
  ended.catch(() => undefined); // awaited by the spec, which may come later
  return {
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** What a program said in a lane, in order. */
export const saidIn = (log: MemoryLog, { stage }: Pick<LaneProgram, 'stage'>, lane = '0'): LogEvent[] => {
  const subject = subjectOf(aJob, lane, stage);
  return log.events.filter((event) => subjectOf(event.jobId as typeof aJob, event.lane, event.stage) === subject);
};
