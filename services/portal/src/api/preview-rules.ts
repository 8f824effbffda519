import { RulesPreviewView, rulesPaths } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { postJson } from './request.js';

export interface Previewed {
  readonly objectType: string;
  /** In the source. */
  readonly id: string;
}

/** What the rules of a draft make of somebody as the source has them now; nothing is written. @throws ApiProblem with the issues of the draft */
export const previewRules = (draft: JobDraft, of: Previewed): Promise<RulesPreviewView> =>
  postJson(RulesPreviewView, rulesPaths.preview, { ...draft, ...of });
