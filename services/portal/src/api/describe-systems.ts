import { rulesPaths, SystemsView } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { postJson } from './request.js';

/** Attributes of both systems of a job, as they tell them now. */
export const describeSystems = (draft: JobDraft): Promise<SystemsView> => postJson(SystemsView, rulesPaths.systems, draft);
