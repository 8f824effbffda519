import { isoOf } from '../object/instant.js';
import type { JobFact, QuarantineReason } from './job-fact.js';
import type { JobLife } from './job-life.js';

/** What people are told of a job's health. */
export interface Notice {
  readonly kind: 'quarantine-entered' | 'quarantine-changed' | 'quarantine-left' | 'job-disabled';
  readonly reason: QuarantineReason;
  /** Why, in a sentence. */
  readonly message: string;
  /** UTC instant at which the quarantine began. */
  readonly beganAt: string;
  /** When the next cycle is tried; null when none is, or the job has left the quarantine. */
  readonly nextAttemptAt: string | null;
}

/**
 * What there is to tell after a fact, if anything: a quarantine that begins, has another reason, or ends, and a job that is disabled. That it lasts
 * is no news.
 */
export function noticeOf(before: JobLife, fact: JobFact): Notice | null {
  const known = before.quarantine;
  switch (fact.type) {
    case 'job-quarantined': {
      if (known?.reason === fact.data.reason) return null;
      const { reason, failure, beganAt, nextAttemptAt } = fact.data;
      const kind = known ? 'quarantine-changed' : 'quarantine-entered';
      return { kind, reason, message: failure.message, beganAt, nextAttemptAt };
    }
    case 'job-disabled':
      return known && !before.isDisabled ? { kind: 'job-disabled', ...ofQuarantine(known) } : null;
    case 'job-recovered':
      return known && { kind: 'quarantine-left', ...ofQuarantine(known) };
    default:
      return null;
  }
}

const ofQuarantine = ({ reason, failure, beganAtMs }: NonNullable<JobLife['quarantine']>): Omit<Notice, 'kind'> => ({
  reason,
  message: failure.message,
  beganAt: isoOf(beganAtMs),
  nextAttemptAt: null,
});
