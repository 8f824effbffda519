import {
  type CauseFacts,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  type Failure,
  type LogEvent,
  type ObjectFacts,
  RetryDue,
  type WakeReason,
  erasedValue,
  is,
} from '@provident/contracts';

import { factsOf } from './failure-of.js';

/** A failed object that is kept. */
export interface Escrow {
  readonly objectKey: string;
  /** Of the change whose attempt failed last, or is under way. */
  readonly facts: ObjectFacts;
  readonly sourceId: string | null;
  readonly failure: Failure;
  readonly cause: CauseFacts | null;
  readonly firstFailedAt: Date;
  /** Made so far, for whatever reason. */
  readonly retries: number;
  /** Those among them that came before their time: the ladder does not count them. */
  readonly early: number;
  /** Why it is due, when not by the ladder. */
  readonly wokenBy: WakeReason | null;
  /** null while a retry is under way, and once it was given up. */
  readonly nextAttemptAt: Date | null;
  readonly isGivenUp: boolean;
}

/** The same escrow of somebody whose values are gone. */
export function withoutValues({ facts, failure, ...escrow }: Escrow): Escrow {
  const { displayName: _, ...rest } = facts;
  return { ...escrow, facts: rest, failure: { ...failure, message: erasedValue } };
}

type Told = Pick<LogEvent, 'type' | 'data'>;

/** The escrow after one more word of this service about its object; null once it is cleared. The service decides from it, and its tables are made by it. */
export function escrowAfter(known: Escrow | null, told: Told): Escrow | null {
  const event = told as LogEvent;
  if (is(event, EscrowRecorded)) {
    const early = known && !known.isGivenUp ? Math.min(known.early, event.data.retries) : 0;
    const nextAttemptAt = event.data.nextAttemptAt === null ? null : new Date(event.data.nextAttemptAt);
    return { ...kept(event.data), early, wokenBy: null, nextAttemptAt, isGivenUp: false };
  }
  if (is(event, EscrowExpired))
    return { ...kept(event.data), early: known?.early ?? 0, wokenBy: null, nextAttemptAt: null, isGivenUp: true };
  if (is(event, EscrowWoken)) {
    const { wokenBy, nextAttemptAt, retries } = event.data;
    const early = !known || known.isGivenUp ? retries : known.early;
    return { ...kept(event.data), early, wokenBy, nextAttemptAt: new Date(nextAttemptAt), isGivenUp: false };
  }
  if (is(event, EscrowSuperseded)) {
    const early = Math.min(known?.early ?? 0, event.data.retries);
    return { ...kept(event.data), facts: event.data.next, early, wokenBy: null, nextAttemptAt: null, isGivenUp: false };
  }
  if (is(event, RetryDue)) {
    if (!known) return null;
    const { attempt, wokenBy } = event.data;
    return { ...known, retries: attempt, early: known.early + (wokenBy === 'ladder' ? 0 : 1), wokenBy: null, nextAttemptAt: null };
  }
  return is(event, EscrowCleared) ? null : known;
}

type Kept = ObjectFacts & {
  readonly sourceId: string | null;
  readonly failure: Failure;
  readonly cause?: CauseFacts | null | undefined;
  readonly firstFailedAt: string;
  readonly retries: number;
};

function kept(data: Kept): Pick<Escrow, 'objectKey' | 'facts' | 'sourceId' | 'failure' | 'cause' | 'firstFailedAt' | 'retries'> {
  const { objectKey, sourceId, failure, cause = null, firstFailedAt, retries } = data;
  return { objectKey, facts: factsOf(data), sourceId, failure, cause, firstFailedAt: new Date(firstFailedAt), retries };
}

export const isUnderWay = ({ nextAttemptAt, isGivenUp }: Escrow): boolean => nextAttemptAt === null && !isGivenUp;
