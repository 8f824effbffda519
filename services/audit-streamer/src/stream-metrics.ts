import type { Monitor } from '@provident/service-kit';
import { Counter, Gauge } from 'prom-client';

import type { Delivered } from './state/cursors.js';

/** How one stream stands. */
export interface Standing {
  readonly streamId: string;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly isPaused: boolean;
  /** Deliveries in a row that were not taken; 0 while it goes well. */
  readonly failures: number;
  /** UTC, ISO 8601; null for never. */
  readonly deliveredAt: string | null;
}

/** What there is to tell of a stream that does not get on; the destination's own words stay with those who may see the stream. */
export const noteOf = ({ streamId, failures, lagEvents, deliveredAt }: Standing): string | null =>
  failures === 0
    ? null
    : `stream ${streamId}: ${failures} ${failures === 1 ? 'delivery was' : 'deliveries in a row were'} not taken, ${lagEvents} events wait, last delivered ${deliveredAt ?? 'never'}`;

/** What is told of streams to those who watch. */
export class StreamMetrics {
  private readonly delivered: Counter;
  private readonly failures: Counter;
  private readonly refused: Counter;

  /** @param standings asked when somebody looks */
  constructor(monitor: Monitor, standings: () => Promise<readonly Standing[]>) {
    const shared = { labelNames: ['stream'], registers: [monitor.registry] };
    this.delivered = new Counter({ name: 'provident_stream_delivered_total', help: 'Messages that destinations have taken', ...shared });
    this.failures = new Counter({
      name: 'provident_stream_failures_total',
      help: 'Deliveries that destinations did not take, and that are tried again',
      ...shared,
    });
    this.refused = new Counter({
      name: 'provident_stream_refused_total',
      help: 'Messages that destinations have said they do not take',
      ...shared,
    });
    // Gauges are collected together: they are told of one look.
    let looking: Promise<readonly Standing[]> | null = null;
    const look = (): Promise<readonly Standing[]> =>
      (looking ??= standings().finally(() => {
        looking = null;
      }));
    const gauge = (name: string, help: string, of: (standing: Standing) => number | null): Gauge =>
      new Gauge({
        name,
        help,
        ...shared,
        async collect() {
          const all = await look();
          this.reset();
          for (const standing of all) {
            const value = of(standing);
            if (value !== null) this.set({ stream: standing.streamId }, value);
          }
        },
      });
    gauge('provident_stream_lag_events', 'Events of the log that a destination does not have yet', ({ lagEvents }) => lagEvents);
    gauge('provident_stream_lag_seconds', 'Age of the oldest of them', ({ lagSeconds }) => lagSeconds);
    gauge('provident_stream_failing', 'Deliveries in a row that a destination did not take', ({ failures }) => failures);
    gauge('provident_stream_last_delivered_timestamp_seconds', 'When a destination took something last', ({ deliveredAt }) =>
      deliveredAt === null ? null : Date.parse(deliveredAt) / 1_000,
    );
    gauge('provident_stream_paused', 'Whether somebody has paused the stream', ({ isPaused }) => Number(isPaused));
  }

  /** @param delivered null for a failure */
  observe(stream: string, delivered: Delivered | null): void {
    if (delivered === null) return this.failures.inc({ stream });
    this.delivered.inc({ stream }, delivered.count);
    if (delivered.refused > 0) this.refused.inc({ stream }, delivered.refused);
  }
}
