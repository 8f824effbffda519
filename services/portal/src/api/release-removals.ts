import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Carries out the removals that a cycle proposed and that were held. */
export const releaseRemovals = (jobId: string, cycleId: string): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.release, { jobId, cycleId }), {});
