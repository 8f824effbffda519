import { UnreadableEvent, landmarkOf, placeOfLandmark } from '@provident/contracts';

import type { EventLog } from './event-log.js';

/** What somebody does about a log that is not the one that the database was filled from. */
export const wrongLogRemedy =
  'Stop Provident. Then put the right log back; or move this one aside (the folder "nats" of the data folder; in your own NATS the stream) and type "provident restore FILE", which brings a backup back; or type "provident restore --present-log", which takes the log that is there for the truth.';

/** The log that the position belongs to is not the log that is there: it was replaced, or went back to an older state. */
export class LogReplaced extends Error {
  override readonly name = 'LogReplaced';
}

/**
 * For a reading that nobody waits for. A log that was replaced is told to whoever opened it, who ends the process in order; any other failure is the process's
 * end here.
 */
export function endsInOrder(reading: Promise<void>): void {
  void reading.catch((error: unknown) => {
    if (!(error instanceof LogReplaced)) throw error;
  });
}

/** What somebody knows of a log who has read it or written to it. */
export interface KnownLog {
  readonly identity: string;
  /** It went this far at least. */
  readonly sequence: number;
  /** An event that stood in it, as `landmarkOf` names it; null when none was noted. */
  readonly landmark: string | null;
}

/**
 * Looks whether a log is the one that is known, and has not gone back.
 * @returns how it differs, in words that follow "… stand at 7 of log X, "; null when nothing speaks against it
 */
export async function findDeparture(log: Pick<EventLog, 'identity' | 'head' | 'find'>, known: KnownLog): Promise<string | null> {
  if (log.identity !== known.identity) return `but this is log ${log.identity}: it was replaced`;
  const head = await log.head();
  if (known.sequence > head) return `which ends at ${head}: it went back to an older state`;
  const difference = known.landmark === null ? null : await findDifference(log, known.landmark);
  return difference && `and ${difference}`;
}

/**
 * Compares what is known to stand in the log with what stands there: an older copy of the same log that was written on passes for the right one by its
 * identity and its length.
 * @returns what differs, in words; null when it stands there, and when nothing can be said: that place is not in the log any more, or cannot be read
 */
export async function findDifference(log: Pick<EventLog, 'find'>, landmark: string): Promise<string | null> {
  const found = await findLandmark(log, placeOfLandmark(landmark));
  if (found === null || found === landmark) return null;
  return `event ${wordsOf(landmark)} stood in it where ${wordsOf(found)} stands now: it went back to an older state and was written on since`;
}

/** What stands at a place; null when nothing stands there any more, or this build cannot read it. */
export async function findLandmark(log: Pick<EventLog, 'find'>, sequence: number): Promise<string | null> {
  const found = await log.find(sequence).catch((error: unknown) => {
    if (error instanceof UnreadableEvent) return null;
    throw error;
  });
  return found && landmarkOf(found);
}

const wordsOf = (landmark: string): string => {
  const [sequence, at, ...id] = landmark.split(' ');
  return `${sequence} (${id.join(' ')} of ${at})`;
};
