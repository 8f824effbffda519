import { setTimeout as pause } from 'node:timers/promises';

import { type EventLog, findDifference, findLandmark } from '@provident/bus';
import { placeOfLandmark } from '@provident/contracts';
import type { StreamPage } from '@provident/report';

import { type Destination, Undelivered } from '../destinations/destination.js';
import type { Format } from '../formats/message.js';
import type { Cursors, Delivered } from '../state/cursors.js';
import type { KnownStream } from '../streams/stream-registry.js';
import { backOffMs } from './back-off.js';
import { parcelsOf } from './parcels.js';

export interface SenderPorts {
  readonly stream: KnownStream;
  readonly cursors: Cursors;
  /** What happened behind a place in the log; null when there is nothing yet. */
  readonly read: (after: number) => Promise<StreamPage | null>;
  readonly log: Pick<EventLog, 'find' | 'head'>;
  readonly format: Format;
  /** @throws Undelivered when there is no such place */
  readonly openDestination: () => Destination;
  readonly now: () => Date;
  /** @throws LeaseLost when somebody else may send soon */
  readonly assertHeld: () => void;
  readonly observe: (delivered: Delivered | null) => void;
}

const idleMs = 250;

const anew = 'start the stream anew from a place in it ("provident stream start NAME --from SEQUENCE")';

/**
 * Sends one stream, in the order of the log. The cursor moves only behind what the destination has taken: whoever goes on after a crash sends the last
 * parcel once more, under the same ids.
 */
export class StreamSender {
  private sequence = 0;
  private failures = 0;
  private logIdentity = '';
  private landmark: string | null = null;
  /** Whether the log was found to be the one in which the stream came so far. */
  private isSameLog = false;
  /** Less than the destination takes at most, where it said that this was too much. */
  private most = Number.POSITIVE_INFINITY;

  constructor(private readonly ports: SenderPorts) {}

  /** Ends with the signal. @throws StaleWriter when somebody else sends, or the stream was changed */
  async run(signal: AbortSignal): Promise<void> {
    const cursor = await this.ports.cursors.open(this.ports.stream);
    this.sequence = Number(cursor.sequence);
    this.failures = cursor.failures;
    this.logIdentity = cursor.logIdentity;
    this.landmark = cursor.landmark;
    if (cursor.nextAttemptAt) await rest(cursor.nextAttemptAt.getTime() - this.ports.now().getTime(), signal);
    let destination: Destination | null = null;
    try {
      while (!signal.aborted) {
        try {
          destination ??= this.ports.openDestination();
          if (!(await this.sendSome(destination, signal))) await rest(idleMs, signal);
        } catch (error) {
          if (!(error instanceof Undelivered)) throw error;
          if (signal.aborted) return;
          await this.waitAfter(error, signal);
        }
      }
    } finally {
      await destination?.close();
    }
  }

  /** @returns whether there was anything */
  private async sendSome(destination: Destination, signal: AbortSignal): Promise<boolean> {
    const { read, format, log } = this.ports;
    if (!this.isSameLog) await this.assertSameLog();
    const page = await read(this.sequence);
    if (!page) return false;
    if (page.log !== this.logIdentity) throw new Undelivered(`the log is another one than before: ${anew}`);
    const landmark = await findLandmark(log, page.through);
    const messages = await format.write(page.items);
    for (const { messages: parcel, through } of parcelsOf(messages, Math.min(destination.most, this.most))) {
      this.ports.assertHeld();
      const { refused, words } = await destination.deliver(parcel, signal);
      const delivered = { count: parcel.length - refused, refused, words };
      await this.moveTo(through ?? this.sequence, delivered, through === page.through ? landmark : null);
      if (signal.aborted) return true;
    }
    if (page.through > this.sequence) await this.moveTo(page.through, { count: 0, refused: 0, words: null }, landmark);
    return true;
  }

  /** Once: while this runs, nobody can put another log in its place without the connection to it being lost. */
  private async assertSameLog(): Promise<void> {
    const { landmark, ports } = this;
    if (landmark !== null) {
      const [place, head] = [placeOfLandmark(landmark), await ports.log.head()];
      if (head < place)
        throw new Undelivered(`the stream came to ${place} in the log, which ends at ${head}: it went back to an older state; ${anew}`);
      const difference = await findDifference(ports.log, landmark);
      if (difference !== null) throw new Undelivered(`the log is not what it was: ${difference}; ${anew}`);
    }
    this.isSameLog = true;
  }

  private async moveTo(sequence: number, delivered: Delivered, landmark: string | null): Promise<void> {
    await this.ports.cursors.move(this.ports.stream, this.sequence, sequence, delivered, landmark);
    this.sequence = sequence;
    this.failures = 0;
    this.ports.observe(delivered);
  }

  private async waitAfter({ message, retryAfterMs, isTooMuch }: Undelivered, signal: AbortSignal): Promise<void> {
    this.failures++;
    if (isTooMuch) this.most = Math.max(1, Math.floor(Math.min(this.most, 200) / 2));
    const waitMs = backOffMs(this.failures, retryAfterMs);
    const nextAttemptAt = new Date(this.ports.now().getTime() + waitMs);
    await this.ports.cursors.noteFailure(this.ports.stream, this.sequence, { failures: this.failures, message, nextAttemptAt });
    this.ports.observe(null);
    await rest(waitMs, signal);
  }
}

/** Until the time is over or the signal is given. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
