import type { JetStreamManager } from '@nats-io/jetstream';
import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { createInbox, nanos } from '@nats-io/transport-node';

import type { StoredMessage } from './codec.js';
import { headersOf } from './raw-headers.js';

interface ReaderOptions {
  readonly stream: string;
  readonly filters: readonly string[];
  readonly after: number;
  readonly headersOnly: boolean;
  readonly batch: number;
  readonly fill?: boolean;
  readonly signal: AbortSignal;
  /** Asked before a consumer is made in the place of one that was lost, whatever the reason: resolves once that may be done. */
  readonly untilSure?: () => Promise<void>;
}

/** Silence after which the server-side consumer is taken for lost. The server says something every second. */
const silenceMs = 4_000;
const heartbeatMs = 1_000;
const pullExpiryMs = 20_000;

/**
 * Reads a stream in order with back-pressure: no more than two batches are ever asked for ahead of the reader. (The client library's own
 * `consume` asks for more as messages arrive, whether or not anybody takes them.) The server-side consumer is a passing one without
 * acknowledgements; when it is lost, or a delivery is missing, another is made right behind the last message that was seen.
 */
export class LogReader {
  private buffer: StoredMessage[] = [];
  private requested = 0;
  private lastSequence: number;
  private lastDelivery = 0;
  private pending = 0;
  private heardAt = performance.now();
  private consumer: string | null = null;
  private ranOut = false;
  private hasHadOne = false;
  private subscription: Subscription | null = null;
  private wake: (() => void) | null = null;

  constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly options: ReaderOptions,
  ) {
    this.lastSequence = options.after;
  }

  /** Messages behind those that were handed out, as far as the server had told with the last one that came. */
  get behind(): number {
    return this.pending + this.buffer.length;
  }

  /** An empty batch: nothing came for a while. */
  async *batches(): AsyncGenerator<StoredMessage[]> {
    const { signal, batch, fill = false } = this.options;
    const onAbort = (): void => this.wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        if (this.consumer === null) await this.open();
        this.pull();
        if (this.ranOut && this.buffer.length === 0) {
          this.ranOut = false;
          yield [];
          continue;
        }
        if (this.buffer.length === 0 || (fill && this.buffer.length < batch && this.pending > 0)) {
          await this.silenceOrMessages();
          continue;
        }
        yield this.buffer.length <= batch ? this.takeAll() : this.buffer.splice(0, batch);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.close();
    }
  }

  private takeAll(): StoredMessage[] {
    const all = this.buffer;
    this.buffer = [];
    return all;
  }

  private async silenceOrMessages(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, heartbeatMs);
      if (this.options.signal.aborted) resolve();
    });
    clearTimeout(timer);
    this.wake = null;
    if (this.consumer !== null && performance.now() - this.heardAt > silenceMs) await this.close();
  }

  private async open(): Promise<void> {
    const { stream, filters, headersOnly, untilSure } = this.options;
    if (this.hasHadOne) await untilSure?.();
    if (this.options.signal.aborted) return;
    this.hasHadOne = true;
    try {
      const info = await this.manager.consumers.add(stream, {
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.lastSequence + 1,
        replay_policy: ReplayPolicy.Instant,
        filter_subjects: [...filters],
        inactive_threshold: nanos(30_000),
        headers_only: headersOnly,
        mem_storage: true,
        num_replicas: 1,
      });
      this.consumer = info.name;
    } catch (error) {
      if (this.options.signal.aborted) return;
      if (this.connection.isClosed()) throw error;
      // The server is away or not ready: it is asked again until it is back or the reader is no longer wanted.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return;
    }
    this.requested = 0;
    this.lastDelivery = 0;
    this.heardAt = performance.now();
    const inbox = createInbox();
    this.subscription = this.connection.subscribe(inbox, { callback: (error, message) => this.receive(error, message, inbox) });
  }

  private receive(error: Error | null, message: Msg, inbox: string): void {
    if (this.subscription === null || this.subscription.getSubject() !== inbox) return;
    this.heardAt = performance.now();
    if (error) return void this.close();
    if (message.reply === undefined || message.reply === '' || !message.reply.startsWith('$JS.ACK.')) return this.receiveStatus(message);
    const { sequence, delivery, pending } = placeOf(message.reply);
    if (delivery !== this.lastDelivery + 1) return void this.close();
    this.lastDelivery = delivery;
    this.lastSequence = sequence;
    this.pending = pending;
    this.requested--;
    this.buffer.push({ sequence, subject: message.subject, headers: headersOf(message), data: message.data });
    this.wake?.();
  }

  private receiveStatus(message: Msg): void {
    this.pending = 0; // whatever was on the way has come, or does not come in answer to this pull
    const code = message.headers?.code ?? 0;
    if (code === 100) return; // heartbeat
    if (code === 404 || code === 408) {
      this.requested = 0; // the pull ran out
      this.ranOut = true;
    } else if (code !== 0) {
      void this.close(); // the consumer is gone, or the server moved
    }
    this.wake?.();
  }

  private pull(): void {
    const { stream, batch } = this.options;
    if (this.consumer === null || this.subscription === null) return;
    if (this.buffer.length >= batch || this.requested > batch / 2) return;
    const ask = batch;
    this.requested += ask;
    this.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.consumer}`,
      JSON.stringify({ batch: ask, expires: nanos(pullExpiryMs), idle_heartbeat: nanos(heartbeatMs) }),
      { reply: this.subscription.getSubject() },
    );
  }

  private async close(): Promise<void> {
    const { consumer } = this;
    this.subscription?.unsubscribe();
    this.subscription = null;
    this.consumer = null;
    this.pending = 0;
    this.wake?.();
    if (consumer !== null && !this.connection.isClosed()) {
      // A consumer that is already gone is what is wanted; the server removes a forgotten one by itself.
      await this.manager.consumers.delete(this.options.stream, consumer).catch(() => undefined);
    }
  }
}

/** Where the dots are in the reply that is being read. */
const dots: number[] = [];

/** Places in the stream and among the deliveries, and how many are behind. Of every message: taking the whole text apart would make a dozen others. */
function placeOf(reply: string): { sequence: number; delivery: number; pending: number } {
  let count = 0;
  for (let at = reply.indexOf('.'); at >= 0; at = reply.indexOf('.', at + 1)) dots[count++] = at;
  // $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<stream sequence>.<delivery sequence>.<time>.<pending>[.<random>]
  dots[count] = reply.length;
  const first = count === 8 ? 5 : 7;
  const token = (at: number): number => Number(reply.slice(dots[at - 1]! + 1, dots[at]));
  return { sequence: token(first), delivery: token(first + 1), pending: token(first + 3) };
}
