import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Runs a cycle now; `fresh` reads everything again instead of what has changed. */
export const runJob = (jobId: string, fresh: boolean): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.run, { jobId }), { fresh });
