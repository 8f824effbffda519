import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { postJson } from './request.js';

/** Checks a job without making it; its problems are the answer. */
export const validateJob = (draft: JobDraft): Promise<CommandAnswer> => postJson(CommandAnswer, apiPaths.validate, draft);
