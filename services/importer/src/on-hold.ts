import type { KnownJob } from '@provident/bus';

/** The import of a cycle was given up where it stood, because the job was paused or stopped: it goes on from its last page when the job is started. */
export class OnHold extends Error {
  override readonly name = 'OnHold';
}

/**
 * Whether a cycle's import has to wait: while the job is stopped, and while it is paused; a cycle that a person opens in a paused job runs to its end.
 * Pure.
 * @param openedAt log sequence of the cycle's opening
 */
export function isOnHold(job: Pick<KnownJob, 'state' | 'stateSince'> | undefined, openedAt: number): boolean {
  return job?.state === 'stopped' || (job?.state === 'paused' && job.stateSince > openedAt);
}
