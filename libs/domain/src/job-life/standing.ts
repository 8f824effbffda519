import type { Standing } from './job-fact.js';
import type { JobLife } from './job-life.js';

/**
 * The standing after the job's file was applied. The file has a say when it changes its mind, otherwise the last word of a person stands; what was
 * stopped stays so until somebody starts it.
 * @param before     null for a job that was not there
 * @param saidPaused what the file said before, null for the first
 */
export function standingAfterFile(before: Standing | null, saysPaused: boolean, saidPaused: boolean | null): Standing {
  if (before === 'stopped') return before;
  if (before === null || before === 'removed' || saysPaused !== saidPaused) return saysPaused ? 'paused' : 'active';
  return before;
}

/** null for a job that was never configured. */
export function standingOf({ definition, isRemoved, isPaused, isStopped }: JobLife): Standing | null {
  if (isRemoved) return 'removed';
  if (definition === null) return null;
  return isStopped ? 'stopped' : isPaused ? 'paused' : 'active';
}

/** A standing as a job's life remembers it. */
export const remembered = (standing: Standing): Pick<JobLife, 'isPaused' | 'isStopped'> => ({
  isPaused: standing === 'paused' || standing === 'stopped',
  isStopped: standing === 'stopped',
});
