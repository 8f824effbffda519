import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Sends spans. Resolves once they are taken, and throws when they are lost. */
export type SendSpans = (spans: readonly ReadableSpan[]) => Promise<void>;

export interface QueueLimits {
  /** Spans that wait at most; more are dropped. */
  readonly size: number;
  /** Spans in one request at most. */
  readonly batch: number;
  /** How long spans may wait for others. */
  readonly delayMs: number;
}

/** What became of spans. */
export interface SpanCounts {
  sent: number;
  /** There was no room for them. */
  dropped: number;
  /** The collector did not take them. */
  failed: number;
}

/** Spans on their way to a collector. Nobody waits for it: what it is too slow for is dropped, and counted. */
export class SpanQueue {
  readonly counts: SpanCounts = { sent: 0, dropped: 0, failed: 0 };
  private spans: ReadableSpan[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;

  constructor(
    private readonly send: SendSpans,
    private readonly limits: QueueLimits,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  get waiting(): number {
    return this.spans.length;
  }

  add(span: ReadableSpan): void {
    if (this.spans.length >= this.limits.size) {
      this.counts.dropped++;
      return;
    }
    this.spans.push(span);
    if (this.sending !== null) return;
    if (this.spans.length >= this.limits.batch) this.flushSoon(0);
    else this.flushSoon(this.limits.delayMs);
  }

  /** Sends what is there, until it is gone or the time is over. */
  async drain(withinMs: number): Promise<void> {
    const giveUp = new Promise<'late'>((resolve) => setTimeout(resolve, withinMs, 'late').unref());
    while (this.spans.length > 0 || this.sending !== null) {
      this.flush();
      if ((await Promise.race([this.sending, giveUp])) === 'late') return;
    }
  }

  private flushSoon(ms: number): void {
    if (this.timer !== null && ms > 0) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms).unref();
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.sending !== null || this.spans.length === 0) return;
    const batch = this.spans.splice(0, this.limits.batch);
    this.sending = this.send(batch)
      .then(
        () => void (this.counts.sent += batch.length),
        (error: unknown) => {
          this.counts.failed += batch.length;
          this.onTrouble(error);
        },
      )
      .finally(() => {
        this.sending = null;
        if (this.spans.length > 0) this.flushSoon(this.spans.length >= this.limits.batch ? 0 : this.limits.delayMs);
      });
  }
}
