import type { StoredSimulation } from '@provident/bus';
import type { SimulationView } from '@provident/contracts';

/** A running simulation tells of itself every second. */
const lostAfterMs = 30_000;

/** A simulation as it is shown; one that nobody has told of for long has lost its importer. Pure. */
export function viewOf({ opened, progress }: StoredSimulation, nowMs: number): SimulationView {
  const isLost = progress.state === 'running' && nowMs - Date.parse(progress.at) > lostAfterMs;
  return { ...opened, ...progress, ...(isLost && { state: 'failed', failure: lost(progress.at) }) };
}

const lost = (since: string): SimulationView['failure'] => ({
  side: 'service',
  code: 'importer-lost',
  message: `no importer has told of it since ${since}: start the simulation again`,
});
