import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { postJson } from './request.js';

/** What becomes of the links when the target is another system than before. */
export type LinksChoice = 'keep' | 'forget';

export interface ApplyOrder extends JobDraft {
  readonly links?: LinksChoice | undefined;
  /** The one that the page shows: what somebody else applied meanwhile is not written over. 0: a new job. */
  readonly revision?: number | undefined;
}

/** Makes a job, or a new revision of it. @throws ApiProblem with the issues when it is refused */
export const applyJob = (order: ApplyOrder): Promise<CommandAnswer> => postJson(CommandAnswer, apiPaths.jobs, order);
