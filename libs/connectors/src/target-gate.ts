import type { RequestKind } from '@provident/domain';

import { ConnectorError } from './connector-error.js';
import { inTurn, type RequestPace } from './pace/request-pace.js';
import { longestWaitMs } from './pace/target-pace.js';

const failuresUntilClosed = 10;
const closedForMs = 15_000;
const mostTries = 4;
const firstDelayMs = 250;

/** Failures that say something of the whole target and not of one object. */
const isAboutTarget = ({ kind, facts }: ConnectorError): boolean =>
  facts.code !== 'match-differs' && ['unavailable', 'unauthorized', 'protocol', 'unknown-outcome'].includes(kind);

const isPassing = ({ kind }: ConnectorError, repeatable: boolean): boolean =>
  kind === 'unavailable' || (repeatable && kind === 'unknown-outcome');

export interface GateOptions {
  /** What the requests that pass here are paced by. */
  readonly pace?: RequestPace | null;
  /** Somebody waits for these requests in person. */
  readonly urgent?: boolean;
}

export interface PassOptions {
  readonly kind?: RequestKind;
  /** Whether doing it twice is the same as doing it once. */
  readonly repeatable?: boolean;
  /** Called right before each request: nothing, or what has to be waited for first; then it is called again. @throws whatever forbids the request */
  readonly before?: () => Promise<void> | void;
}

/**
 * The way to one target, shared by all lanes of an instance: at most so many requests at once, waiting when the target asks for it, trying again
 * when it stumbles, and no more knocking for a while when it is found to be down.
 */
export class TargetGate {
  private free: number;
  private readonly queue: (() => void)[] = [];
  private failuresInARow = 0;
  private closedUntil = 0;
  private closedBy: ConnectorError | null = null;
  private readonly pausedUntil: Record<RequestKind, number> = { read: 0, write: 0 };
  /** Since when every request was refused because there were too many; null while some get through. */
  private readonly refusedSince: Record<RequestKind, number | null> = { read: null, write: null };

  constructor(
    concurrency: number,
    private readonly options: GateOptions = {},
  ) {
    this.free = concurrency;
  }

  /** A way for somebody who waits in person: behind nobody, and whatever others met; only what the target allows holds for him too. */
  forDemand(): TargetGate {
    return new TargetGate(1, { ...this.options, urgent: true });
  }

  /**
   * Makes one request, with patience: waits out throttling, unless the target wants to be left alone for longer than ten minutes, at once or bit by bit; tries
   * again a few times when the target is unavailable, and likewise when no answer came to a request that may be repeated.
   * @throws ConnectorError the last failure, or at once the one that closed the gate
   */
  async pass<Result>(
    request: () => Promise<Result>,
    signal: AbortSignal,
    { kind = 'read', repeatable = false, before }: PassOptions = {},
  ): Promise<Result> {
    const { pace = null, urgent = false } = this.options;
    let waitedMs = 0;
    for (let attempt = 1; ; attempt++) {
      this.refuseWhenClosed();
      await sleep(this.pausedUntil[kind] - performance.now(), signal);
      await this.enter(signal);
      try {
        const result = await inTurn(pace, { kind, urgent, signal, before }, request);
        this.failuresInARow = 0;
        this.refusedSince[kind] = null;
        return result;
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        signal.throwIfAborted(); // what its own caller gave up says nothing of the target
        this.note(error);
        if (error.kind === 'throttled') waitedMs = this.waitOut(kind, error, { attempt, waitedMs });
        else if (!isPassing(error, repeatable) || attempt >= mostTries || this.isClosed()) throw error;
      } finally {
        this.leave();
      }
      if (this.pausedUntil[kind] <= performance.now()) await sleep(firstDelayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2), signal);
    }
  }

  /** What happened before is over, as somebody knows who has asked the target: the next request goes through. */
  reopen(): void {
    this.closedUntil = 0;
    this.closedBy = null;
    this.failuresInARow = 0;
  }

  private isClosed(): boolean {
    return performance.now() < this.closedUntil;
  }

  private refuseWhenClosed(): void {
    if (!this.isClosed() || !this.closedBy) return;
    const { facts } = this.closedBy;
    throw new ConnectorError(
      { ...facts, message: `not tried, because the target failed moments ago: ${facts.message}` },
      { cause: this.closedBy },
    );
  }

  private note(error: ConnectorError): void {
    if (!isAboutTarget(error)) {
      if (error.kind !== 'throttled') this.failuresInARow = 0;
      return;
    }
    this.failuresInARow++;
    if (error.kind !== 'unauthorized' && this.failuresInARow < failuresUntilClosed) return;
    this.close(error);
  }

  private close(error: ConnectorError): void {
    this.closedBy = error;
    this.closedUntil = performance.now() + closedForMs;
  }

  /**
   * @returns how long this request will have waited by then
   * @throws ConnectorError the same, when that takes too long: no lane is kept by a target that always says "in a moment", be it to all or to this one
   */
  private waitOut(kind: RequestKind, error: ConnectorError, { attempt, waitedMs }: { attempt: number; waitedMs: number }): number {
    const now = performance.now();
    const ms = error.facts.retryAfterMs ?? firstDelayMs * 2 ** Math.min(attempt, 8);
    const since = (this.refusedSince[kind] ??= now);
    if (ms > longestWaitMs) throw error;
    if (now + ms - since > longestWaitMs) this.close(error);
    if (now + ms - since > longestWaitMs || waitedMs + ms > longestWaitMs) throw error;
    this.pausedUntil[kind] = Math.max(this.pausedUntil[kind], now + ms);
    return waitedMs + ms;
  }

  private enter(signal: AbortSignal): Promise<void> | void {
    if (this.free > 0) {
      this.free--;
      return;
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.queue.splice(this.queue.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.queue.push(enter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  private leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.free++;
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
