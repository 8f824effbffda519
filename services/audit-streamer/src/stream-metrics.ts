import type { Monitor } from '@provident/service-kit';
import { Counter, Gauge } from 'prom-client';

import type { Delivered } from './state/cursors.js';

/** How one stream stands. */
export interface Standing {
  readonly streamId: string;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly isPaused: boolean;
}

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
    const gauge = (name: string, help: string, of: (standing: Standing) => number): Gauge =>
      new Gauge({
        name,
        help,
        ...shared,
        async collect() {
          this.reset();
          for (const standing of await standings()) this.set({ stream: standing.streamId }, of(standing));
        },
      });
    gauge('provident_stream_lag_events', 'Events of the log that a destination does not have yet', ({ lagEvents }) => lagEvents);
    gauge('provident_stream_lag_seconds', 'Age of the oldest of them', ({ lagSeconds }) => lagSeconds);
    gauge('provident_stream_paused', 'Whether somebody has paused the stream', ({ isPaused }) => Number(isPaused));
  }

  /** @param delivered null for a failure */
  observe(stream: string, delivered: Delivered | null): void {
    if (delivered === null) return this.failures.inc({ stream });
    this.delivered.inc({ stream }, delivered.count);
    if (delivered.refused > 0) this.refused.inc({ stream }, delivered.refused);
  }
}
