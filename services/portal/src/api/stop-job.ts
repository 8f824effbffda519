import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** No further write begins; starting goes on exactly there. */
export const stopJob = (jobId: string): Promise<CommandAnswer> => postJson(CommandAnswer, at(apiPaths.stop, { jobId }), {});
