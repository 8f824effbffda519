import type { WorkPool } from '@provident/bus';
import { Counter, Gauge } from 'prom-client';

import type { Monitor } from './monitor.js';

/** How much of the work this instance holds, and how often it stumbled. */
export class WorkMetrics {
  private readonly stopped: Counter;

  constructor(private readonly monitor: Monitor) {
    this.stopped = new Counter({
      name: 'provident_work_stopped_total',
      help: 'How often work on a part of a job ended by a failure and was begun again',
      labelNames: ['job_id'],
      registers: [monitor.registry],
    });
  }

  watch(pool: WorkPool): void {
    new Gauge({
      name: 'provident_units_held',
      help: 'Parts of jobs (lanes, or whole jobs) that this instance works on',
      registers: [this.monitor.registry],
      collect() {
        this.set(pool.size);
      },
    });
  }

  noteStopped(jobId: string): void {
    this.stopped.inc({ job_id: this.monitor.jobLabel(jobId) });
  }
}
