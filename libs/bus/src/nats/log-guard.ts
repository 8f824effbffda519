import { setTimeout as sleep } from 'node:timers/promises';

import { type LogEvent, landmarkOf } from '@provident/contracts';

import type { EventLog } from '../event-log.js';
import { findDeparture, LogReplaced, wrongLogRemedy } from '../same-log.js';

type Place = Pick<LogEvent, 'sequence' | 'at' | 'id'>;

/** The log as it is there now: `null` when there is none. */
export type LookAtLog = () => Promise<Pick<EventLog, 'identity' | 'head' | 'find'> | null>;

interface Doubt {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: LogReplaced): void;
}

function newDoubt(): Doubt {
  let [resolve, reject]: [() => void, (error: LogReplaced) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle));
  promise.catch(() => undefined); // whoever reads or appends is told
  return { promise, resolve, reject };
}

const againAfterMs = 500;
/** A server that has just come back may not have found all its streams yet. */
const goneAfterMs = 10_000;

/**
 * Remembers how far this process knows the log. Whenever somebody may have put another in its place, because the connection or a reader's consumer was lost, it
 * looks whether it is still that log; nothing is appended, and nothing that was read is handed out, before it is known.
 */
export class LogGuard {
  private furthest: Place = { sequence: 0, at: '', id: '' };
  private doubted: Doubt | null = null;
  private isLooking = false;
  private readonly ending = new AbortController();

  constructor(
    private readonly identity: string,
    private readonly look: LookAtLog,
    private readonly isClosed: () => boolean,
    private readonly onReplaced: (error: LogReplaced) => void,
  ) {}

  /** An event that stands in the log. */
  note({ sequence, at, id }: Place): void {
    if (sequence > this.furthest.sequence) this.furthest = { sequence, at, id };
  }

  /** Null: nothing speaks against it. Otherwise resolves once it is known to be the log, and rejects with `LogReplaced` when it is not. */
  get doubt(): Promise<void> | null {
    return this.doubted && this.doubted.promise;
  }

  /** Given, with `LogReplaced` as its reason, when it is another log. */
  get replaced(): AbortSignal {
    return this.ending.signal;
  }

  /** The log is out of sight: whoever wants something of it waits. */
  hold(): void {
    this.doubted ??= newDoubt();
  }

  /** Something was lost that may have taken the log with it: looks. */
  suspect(): void {
    this.hold();
    if (this.isLooking || this.replaced.aborted) return;
    this.isLooking = true;
    void this.untilKnown().then((departure) => {
      this.isLooking = false;
      if (departure === null) {
        this.doubted!.resolve();
        this.doubted = null;
        return;
      }
      const { sequence } = this.furthest;
      const error = new LogReplaced(`the log was known up to ${sequence} of log ${this.identity}, ${departure}. ${wrongLogRemedy}`);
      this.doubted!.reject(error);
      this.ending.abort(error);
      this.onReplaced(error);
    });
  }

  private async untilKnown(): Promise<string | null> {
    for (let goneSince: number | null = null; !this.isClosed(); await sleep(againAfterMs)) {
      const { sequence } = this.furthest;
      const landmark = sequence === 0 ? null : landmarkOf(this.furthest);
      try {
        const log = await this.look();
        if (log) return await findDeparture(log, { identity: this.identity, sequence, landmark });
        goneSince ??= performance.now();
        if (performance.now() - goneSince > goneAfterMs) return 'which is not there any more';
      } catch {
        goneSince = null; // the broker is away, or not ready: it is asked again
      }
    }
    return null;
  }
}
