import { setTimeout as pause } from 'node:timers/promises';

import { type SimulationView, simulatedActions } from '@provident/contracts';

import type { ApiClient } from './api-client.js';
import { type Progress, type Sample, rateOf, withSample } from './progress.js';
import { ProgressWriter } from './progress-writer.js';
import type { Awaiting } from './await-reports.js';

const pollMs = 300;

/** Shows a simulation's progress until it has ended, and returns it as it then is. */
export async function watchSimulation(
  api: Pick<ApiClient, 'simulation'>,
  simulationId: string,
  { screen, now, signal }: Awaiting,
): Promise<SimulationView> {
  const writer = new ProgressWriter(screen, now);
  let samples: Sample[] = [];
  try {
    for (;;) {
      const simulation = await api.simulation(simulationId);
      samples = withSample(samples, { atMs: now(), done: simulation.read });
      writer.show(progressOf(simulation, rateOf(samples)));
      if (simulation.state !== 'running') return simulation;
      await pause(pollMs, undefined, { signal });
    }
  } finally {
    writer.end();
  }
}

function progressOf({ state, read, total, totals }: SimulationView, perSecond: number): Progress {
  return {
    phase: state === 'running' ? 'reading' : 'done',
    done: read,
    total: total === null ? null : Math.max(total, read),
    perSecond,
    counts: simulatedActions.map((action) => [action, totals[action]] as const),
  };
}
