import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Nothing more is read until the job is started; what was read is written to its end. */
export const pauseJob = (jobId: string): Promise<CommandAnswer> => postJson(CommandAnswer, at(apiPaths.pause, { jobId }), {});
