import { Counter, Gauge } from 'prom-client';

import type { Monitor } from './monitor.js';

/** How a job's requests to its target are paced, as connectors tell of it. */
interface Pace {
  readonly job: string;
  readonly waiting: number;
  /** Since the start of the instance. */
  readonly waited: number;
  readonly refused: number;
  readonly isPaused: boolean;
}

/** Which requests wait for their turn, and why; asked of the paces when somebody looks. */
export function paceMetrics(monitor: Monitor, paces: { counts(): readonly Pace[] }): void {
  const common = { labelNames: ['job_id'] as const, registers: [monitor.registry] };
  const labelled = (): { readonly labels: { readonly job_id: string }; readonly pace: Pace }[] =>
    paces.counts().map((pace) => ({ labels: { job_id: monitor.jobLabel(pace.job) }, pace }));
  const gauge = (name: string, help: string, of: (pace: Pace) => number): Gauge<'job_id'> =>
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        this.reset();
        for (const { labels, pace } of labelled()) this.inc(labels, of(pace));
      },
    });
  const counter = (name: string, help: string, of: (pace: Pace) => number): Counter<'job_id'> =>
    new Counter({
      ...common,
      name,
      help,
      collect() {
        this.reset();
        for (const { labels, pace } of labelled()) this.inc(labels, of(pace));
      },
    });
  gauge('provident_target_waiting_requests', 'Requests to the target that wait for their turn', ({ waiting }) => waiting);
  gauge('provident_target_paused', 'Whether nothing is sent to the target because it asked for patience', ({ isPaused }) =>
    Number(isPaused),
  );
  counter('provident_target_waits_total', 'Requests to the target that had to wait for their turn', ({ waited }) => waited);
  counter('provident_target_refusals_total', 'Answers of the target that it was asked too much (429)', ({ refused }) => refused);
}
