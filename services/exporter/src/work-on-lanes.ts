import { LaneWorker, type Unit, type Work } from '@provident/bus';
import { demandLaneOf, objectLanes } from '@provident/contracts';
import type { JobId } from '@provident/domain';
import type { ServicePorts } from '@provident/service-kit';

import { type ExporterPorts, exportLanes } from './export-lanes.js';

type WorkPorts = Pick<ServicePorts, 'log' | 'appender' | 'now'> & Partial<Pick<ServicePorts, 'watch'>>;

/** The exporter's work on a job: for each object lane both ways that its objects take, under one lease. */
export const exportWork =
  (ports: WorkPorts, exporter: ExporterPorts) =>
  (jobId: JobId, lanes: number): Work[] =>
    objectLanes(lanes).map((lane) => ({
      unit: { jobId, lane },
      kind: jobId,
      run: (signal, assertHeld) => workOnLanes(ports, exporter, { jobId, lane }, signal, assertHeld),
    }));

/**
 * Works on an object lane and its demand lane until the signal is given. When one of them ends, the other does too: what they know of each other's
 * writes is in this run.
 * @throws what ended one of them early
 */
export async function workOnLanes(
  ports: WorkPorts,
  exporter: ExporterPorts,
  unit: Unit,
  signal: AbortSignal,
  assertHeld: () => void,
): Promise<void> {
  const { ordinary, onDemand } = exportLanes(exporter, unit);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const worker = { ...ports, assertHeld };
  const runs = [
    new LaneWorker(ordinary, unit, worker).run(ending.signal),
    new LaneWorker(onDemand, { ...unit, lane: demandLaneOf(unit.lane) }, worker).run(ending.signal),
  ].map((run) => run.finally(end));
  const [first, second] = await Promise.allSettled(runs);
  signal.removeEventListener('abort', end);
  for (const run of [first, second]) if (run?.status === 'rejected') throw run.reason;
}
