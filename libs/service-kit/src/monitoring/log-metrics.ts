import { type LogObserver, type NewEvent, StaleWriter } from '@provident/bus';
import { CycleClosed, type DataOf, ExportFailed, ObjectExported } from '@provident/contracts';
import { Counter, Histogram } from 'prom-client';

import type { Monitor } from './monitor.js';

/** Counts what a service appends to the log. */
export function logMetrics(monitor: Monitor): LogObserver {
  const registers = [monitor.registry];
  const events = new Counter({
    name: 'provident_events_appended_total',
    help: 'Events that this service has appended to the log, by type',
    labelNames: ['job_id', 'type'],
    registers,
  });
  const appends = new Histogram({
    name: 'provident_append_seconds',
    help: 'How long an append to the log takes until it is on disk',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const refused = new Counter({
    name: 'provident_appends_refused_total',
    help: 'Appends that the log did not take: stale when another instance had written, failed otherwise',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of ['stale', 'failed']) refused.inc({ reason }, 0);
  const outcomes = new Counter({
    name: 'provident_exports_total',
    help: 'Writes to targets by what they did and what came of them',
    labelNames: ['job_id', 'action', 'result'],
    registers,
  });
  const cycles = new Histogram({
    name: 'provident_cycle_seconds',
    help: 'How long cycles took from their opening to their closing',
    labelNames: ['job_id', 'kind', 'result'],
    buckets: [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400],
    registers,
  });
  const tell = (event: NewEvent): void => {
    const job_id = monitor.jobLabel(event.jobId);
    const { type } = event.definition;
    events.inc({ job_id, type });
    if (type === ObjectExported.type || type === ExportFailed.type) {
      const { action } = event.data as DataOf<typeof ObjectExported>;
      outcomes.inc({ job_id, action, result: type === ObjectExported.type ? 'success' : 'failure' });
    } else if (type === CycleClosed.type) {
      const { kind, result, openedAt } = event.data as DataOf<typeof CycleClosed>;
      cycles.observe({ job_id, kind, result }, Math.max(0, Date.parse(event.at) - Date.parse(openedAt)) / 1_000);
    }
  };
  return {
    appended(appended, _sequences, ms) {
      appends.observe(ms / 1_000);
      for (const event of appended) tell(event);
    },
    refused(error) {
      refused.inc({ reason: error instanceof StaleWriter ? 'stale' : 'failed' });
    },
  };
}
