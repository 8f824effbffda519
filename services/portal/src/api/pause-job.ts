import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** No further cycle opens until the job is started; one that runs goes on to its end. */
export const pauseJob = (jobId: string): Promise<CommandAnswer> => postJson(CommandAnswer, at(apiPaths.pause, { jobId }), {});
