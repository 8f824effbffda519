import { Appender, type EventLog } from '@provident/bus';
import { type LaneRun, aJob } from '@provident/bus/testing';

import type { ExporterPorts } from '../export-lanes.js';
import { workOnLanes } from '../work-on-lanes.js';

/** One run of the exporter in lane 0 and its demand lane, as the pool would start it. */
export function runLanes(log: EventLog, exporter: ExporterPorts): LaneRun {
  const stop = new AbortController();
  const ports = { log, appender: new Appender(log), now: () => new Date(0) };
  const ended = workOnLanes(ports, exporter, { jobId: aJob, lane: '0' }, stop.signal, () => undefined);
  ended.catch(() => undefined); // awaited by the spec, which may come later
  return { ended, stop: () => (stop.abort(), ended) };
}
