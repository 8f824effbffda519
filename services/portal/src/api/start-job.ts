import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Lifts pause and quarantine. */
export const startJob = (jobId: string): Promise<CommandAnswer> => postJson(CommandAnswer, at(apiPaths.start, { jobId }), {});
