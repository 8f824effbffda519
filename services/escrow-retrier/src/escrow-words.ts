import { type Said, say } from '@provident/bus';
import {
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  type Initiator,
  type LogEvent,
  type ObjectFacts,
  RetryDue,
  type WakeReason,
} from '@provident/contracts';
import { type RetryLadder, nextAttempt } from '@provident/domain';

import type { Escrow } from './escrow.js';
import { type Verdict, factsOf } from './failure-of.js';

type Failed = Extract<Verdict, { outcome: 'failed' }>;
type Good = Extract<Verdict, { outcome: 'good' }>;

/** What is said of an object that failed: that it is kept, and until when, or that it is given up. Pure. @param known as it was kept before */
export function keep(failed: Failed, known: Escrow | null, event: LogEvent, ladder: RetryLadder): Said {
  const { facts, sourceId, failure, cause } = failed;
  const { objectKey, changeId } = facts;
  // The verdict of a retry that a newer change overtook says nothing of that change but what failed.
  const isLate = known !== null && facts.attempt > 0 && facts.changeId !== known.facts.changeId;
  const isNewSeries = known === null || (known.isGivenUp && facts.attempt === 0);
  const firstFailedAt = isNewSeries ? new Date(event.at) : known.firstFailedAt;
  const retries = isNewSeries ? facts.attempt : Math.max(known.retries, isLate ? 0 : facts.attempt);
  const rungs = retries - (isNewSeries ? 0 : known.early);
  const nextMs = nextAttempt(firstFailedAt.getTime(), Math.max(rungs, 0), ladder, Date.parse(event.at));
  const data = { ...(isLate ? known.facts : facts), sourceId, failure, cause, firstFailedAt: firstFailedAt.toISOString(), retries };
  if (nextMs === null) return say(EscrowExpired, `${changeId}.expired.${event.sequence}`, objectKey, data);
  return say(EscrowRecorded, `${changeId}.escrow.${event.sequence}`, objectKey, { ...data, nextAttemptAt: new Date(nextMs).toISOString() });
}

/** The object has had a good outcome, whoever brought it about. */
export function clear({ facts, sourceId, word }: Good, { retries, firstFailedAt }: Escrow, event: LogEvent): Said {
  return say(EscrowCleared, `${facts.changeId}.cleared.${event.sequence}`, facts.objectKey, {
    ...facts,
    sourceId,
    retries,
    firstFailedAt: firstFailedAt.toISOString(),
    outcome: word,
  });
}

/** A cycle takes the object up by itself. What had been given up begins anew with it. */
export function supersede(escrow: Escrow, next: ObjectFacts, event: LogEvent): Said {
  const { facts, sourceId, failure, cause, isGivenUp } = escrow;
  return say(EscrowSuperseded, `${facts.changeId}.superseded.${event.sequence}`, escrow.objectKey, {
    ...facts,
    sourceId,
    failure,
    cause,
    firstFailedAt: isGivenUp ? event.at : escrow.firstFailedAt.toISOString(),
    retries: isGivenUp ? 0 : escrow.retries,
    wokenBy: next.rules > facts.rules ? 'rules' : 'source',
    next: factsOf(next),
  });
}

/** Its cause may be gone. What had been given up begins anew. @param notBefore when it is tried at the earliest */
export function wake(escrow: Escrow, wokenBy: WakeReason, by: Initiator | null, event: LogEvent, notBefore = -Infinity): Said {
  const { facts, sourceId, failure, cause, isGivenUp, retries } = escrow;
  return say(EscrowWoken, `${facts.changeId}.woken.${event.sequence}`, escrow.objectKey, {
    ...facts,
    sourceId,
    failure,
    cause,
    firstFailedAt: isGivenUp ? event.at : escrow.firstFailedAt.toISOString(),
    retries,
    nextAttemptAt: new Date(Math.max(Date.parse(event.at), notBefore)).toISOString(),
    wokenBy,
    by,
  });
}

/** It is not tried again by itself. */
export function drop({ facts, sourceId, failure, cause, firstFailedAt, retries, objectKey }: Escrow, { sequence }: LogEvent): Said {
  return say(EscrowExpired, `${facts.changeId}.dropped.${sequence}`, objectKey, {
    ...facts,
    sourceId,
    failure,
    ...(cause !== null && { cause }),
    firstFailedAt: firstFailedAt.toISOString(),
    retries,
    because: 'restart',
  });
}

/** It is tried again now. */
export function retry(escrow: Escrow, ladder: RetryLadder, now: Date): Said {
  const { facts, sourceId, failure, cause, firstFailedAt, objectKey, early, wokenBy } = escrow;
  const attempt = escrow.retries + 1;
  const rungs = attempt - early - (wokenBy === null ? 0 : 1);
  const nextMs = nextAttempt(firstFailedAt.getTime(), rungs, ladder, now.getTime());
  return say(RetryDue, `${facts.changeId}.retry.${attempt}`, objectKey, {
    ...facts,
    attempt,
    round: 0,
    sourceId,
    firstFailedAt: firstFailedAt.toISOString(),
    wokenBy: wokenBy ?? 'ladder',
    failure,
    cause,
    nextAttemptAt: nextMs === null ? null : new Date(nextMs).toISOString(),
  });
}
