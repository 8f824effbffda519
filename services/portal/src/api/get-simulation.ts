import { apiPaths, SimulationView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { at, getJson } from './request.js';

/** How far a simulation is, and how it ended; asked often while it runs. */
export const simulationQuery = (simulationId: string) =>
  queryOptions({
    queryKey: ['simulation', simulationId],
    queryFn: ({ signal }) => getJson(SimulationView, at(apiPaths.simulation, { simulationId }), {}, signal),
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : 1_000),
  });
