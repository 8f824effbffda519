import type { LaneStanding, LaneWatch, Unit } from '@provident/bus';
import type { Stage } from '@provident/contracts';
import { Gauge, Histogram } from 'prom-client';

import type { Monitor } from './monitor.js';

interface Watched {
  readonly stage: Stage;
  readonly unit: Unit;
  readonly standing: () => LaneStanding;
}

/** How far behind the lanes are that this instance works on; asked of them when somebody looks. */
export function laneMetrics(monitor: Monitor, now: () => Date): LaneWatch {
  const registers = [monitor.registry];
  const labelNames = ['stage', 'job_id', 'lane'] as const;
  const lanes = new Set<Watched>();
  const gauge = (name: string, help: string, of: (standing: LaneStanding) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { stage, unit, standing } of lanes) {
          // Lanes of jobs beyond the bound share a series, and add up.
          this.inc({ stage, job_id: monitor.jobLabel(unit.jobId), lane: unit.lane }, of(standing()));
        }
      },
    });
  gauge('provident_lane_waiting_events', 'Inputs of a stage in one lane that are not answered yet', ({ waiting }) => waiting);
  gauge('provident_lane_lag_seconds', 'Age of the oldest input in hand that is not answered yet', ({ oldestAt }) =>
    oldestAt === null ? 0 : Math.max(0, now().getTime() - Date.parse(oldestAt)) / 1_000,
  );
  const latency = new Histogram({
    name: 'provident_stage_seconds',
    help: 'From the append of an input to the append of the answer',
    labelNames: ['stage', 'job_id'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
    registers,
  });
  return {
    begin(stage, unit, standing) {
      const watched = { stage, unit, standing };
      lanes.add(watched);
      return () => lanes.delete(watched);
    },
    answered(stage, { jobId, at }) {
      latency.observe({ stage, job_id: monitor.jobLabel(jobId) }, Math.max(0, now().getTime() - Date.parse(at)) / 1_000);
    },
  };
}
