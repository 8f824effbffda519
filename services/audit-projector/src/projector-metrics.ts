import type { Position } from '@provident/projection';
import type { Monitor } from '@provident/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';

/** How far the read models are, and how quickly they get on. */
export class ProjectorMetrics {
  private readonly events: Counter;
  private readonly setAside: Counter;
  private readonly batch: Histogram;
  private readonly delay: Histogram;
  private position: Position | null = null;

  /** @param head newest sequence of the log */
  constructor(monitor: Monitor, head: () => Promise<number>, now: () => number = Date.now) {
    const registers = [monitor.registry];
    this.events = new Counter({ name: 'provident_projected_events_total', help: 'Events that are in the read models now', registers });
    this.setAside = new Counter({
      name: 'provident_events_set_aside_total',
      help: 'Events that could not be projected: the read models lack them',
      registers,
    });
    this.batch = new Histogram({
      name: 'provident_projection_batch_seconds',
      help: 'How long one batch of events takes from the first row to the commit',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
    this.delay = new Histogram({
      name: 'provident_projection_delay_seconds',
      help: 'From the append of an event to its being visible in the reports, of the last event of each batch',
      buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30, 300],
      registers,
    });
    // An instance that stands by says nothing of what it does not do.
    const gauge = (name: string, help: string, of: (position: Position) => Promise<number>): Gauge => {
      const tell = async (self: Gauge): Promise<void> => {
        self.reset();
        if (this.position !== null) self.set(await of(this.position));
        else self.remove();
      };
      return new Gauge({
        name,
        help,
        registers,
        collect() {
          return tell(this);
        },
      });
    };
    gauge('provident_projector_position', 'Place in the log up to which the read models tell', async ({ sequence }) => sequence);
    gauge('provident_projector_lag_events', 'Events of the log that are not in the read models yet', async ({ sequence }) =>
      Math.max(0, (await head()) - sequence),
    );
    gauge('provident_projector_lag_seconds', 'How old what the read models tell is, while there is something newer', async (position) =>
      (await head()) <= position.sequence || position.at === null ? 0 : Math.max(0, now() - Date.parse(position.at)) / 1_000,
    );
  }

  /** This instance projects now, from here on. */
  begin(position: Position): void {
    this.position = position;
  }

  /** @param ms how long the batch took */
  projected(events: number, position: Position, ms: number, now: number = Date.now()): void {
    this.position = position;
    this.events.inc(events);
    this.batch.observe(ms / 1_000);
    if (position.at !== null) this.delay.observe(Math.max(0, now - Date.parse(position.at)) / 1_000);
  }

  noteSetAside(): void {
    this.setAside.inc();
  }

  /** Another instance may project now. */
  end(): void {
    this.position = null;
  }
}
