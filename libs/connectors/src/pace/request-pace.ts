import { AsyncLocalStorage } from 'node:async_hooks';

import type { RequestKind } from '@provident/domain';

import type { AnswerHeaders } from '../shared/rate-headers.js';

/** Leave to make one request. Exactly one of the two is called. */
export interface Turn {
  readonly kind: RequestKind;
  /** Whether it may be used for the other kind as well. */
  readonly suitsBoth: boolean;
  /** The request is over. @param answer null when none came */
  finish(answer: { readonly status: number; readonly headers: AnswerHeaders } | null): void;
  /** No request was made. */
  giveBack(): void;
}

/** Who asks for a turn. */
export interface Asking {
  readonly kind: RequestKind;
  /** Somebody waits for it in person: before all others. */
  readonly urgent: boolean;
  readonly signal: AbortSignal;
}

/**
 * When a request may leave for a target: asked in the connector's lowest layer for each, and beforehand by whoever wants to decide at the last moment
 * whether it is still to be made.
 */
export interface RequestPace {
  /**
   * At once where there is nothing to wait for.
   * @throws ConnectorError `throttled` when it would take too long; the signal's reason
   */
  take(asking: Asking): Turn | Promise<Turn>;
  close(): Promise<void>;
}

/** What is about to be done to a target. */
export interface Operation {
  readonly kind: RequestKind;
  readonly urgent: boolean;
  readonly signal: AbortSignal;
  /**
   * Called right before each request that had to wait, and before the first: nothing, or what has to be waited for meanwhile without holding a turn; then
   * it is called again.
   * @throws whatever forbids it
   */
  readonly before?: (() => Promise<void> | void) | undefined;
}

interface Running extends Operation {
  turn: Turn | null;
}

const running = new AsyncLocalStorage<Running>();

/** Does something that makes one request or several, once its first may leave. */
export async function inTurn<Result>(pace: RequestPace | null, operation: Operation, work: () => Promise<Result>): Promise<Result> {
  const first = await turnFor(pace, operation);
  const context: Running = { ...operation, turn: first };
  try {
    return await running.run(context, work);
  } finally {
    context.turn?.giveBack();
  }
}

/** A turn for a request of the operation that is under way here, or of none. */
export function nextTurn(pace: RequestPace, kind: RequestKind, signal: AbortSignal): Turn | Promise<Turn> {
  const operation = running.getStore();
  if (!operation) return pace.take({ kind, urgent: false, signal });
  const { turn } = operation;
  operation.turn = null;
  if (turn && (turn.kind === kind || turn.suitsBoth)) return turn;
  turn?.giveBack(); // before another is asked for: who holds one and waits for a second might wait for himself
  const taken = pace.take({ kind, urgent: operation.urgent, signal });
  return taken instanceof Promise ? taken.then((each) => confirmed(each, pace, { ...operation, kind })) : taken;
}

async function turnFor(pace: RequestPace | null, operation: Operation): Promise<Turn | null> {
  const { kind, urgent, signal } = operation;
  if (pace === null) return confirmed(null, pace, operation);
  const taken = pace.take({ kind, urgent, signal });
  return confirmed(taken instanceof Promise ? await taken : taken, pace, operation);
}

/** Gives the turn back for as long as there is something else to wait for. */
async function confirmed<Kept extends Turn | null>(turn: Kept, pace: RequestPace | null, operation: Operation): Promise<Kept> {
  let kept: Kept = turn;
  try {
    for (let wait; (wait = operation.before?.()); ) {
      kept?.giveBack();
      kept = null as Kept;
      await wait;
      kept = (turn === null ? null : await pace!.take(operation)) as Kept;
    }
    return kept;
  } catch (error) {
    kept?.giveBack();
    throw error;
  }
}
