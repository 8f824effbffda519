import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { postJson } from './request.js';

/** Makes a job, or a new revision of it. @throws ApiProblem with the issues when it is refused */
export const applyJob = (draft: JobDraft): Promise<CommandAnswer> => postJson(CommandAnswer, apiPaths.jobs, draft);
