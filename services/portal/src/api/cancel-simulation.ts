import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Ends a simulation that runs; what it has found stays. */
export const cancelSimulation = (simulationId: string): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.cancelSimulation, { simulationId }), {});
