import type { CommandAnswer, Issue } from '@provident/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { type ApplyOrder, applyJob } from '../api/apply-job.js';
import type { JobDraft } from '../api/job-draft.js';
import { noteOrder } from '../api/often.js';
import { ApiProblem } from '../api/request.js';
import { validateJob } from '../api/validate-job.js';

/** What the server said of a draft. */
export interface Verdict {
  readonly ok: boolean;
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly notes: readonly string[];
}

const verdictOf = ({ ok, message, issues, result: { notes } }: CommandAnswer): Verdict => ({
  ok,
  message,
  issues,
  notes: Array.isArray(notes) ? notes.map(String) : [],
});

/** A refusal with issues is a verdict; anything else is a failure of the request. */
async function applied(draft: ApplyOrder): Promise<Verdict> {
  try {
    return verdictOf(await applyJob(draft));
  } catch (error) {
    if (error instanceof ApiProblem && error.kind === 'refused')
      return { ok: false, message: error.message, issues: error.issues, notes: [] };
    throw error;
  }
}

/** Checks drafts of a job and applies them. `onApplied` is called before anything that the new rules change is drawn. */
export function useJobCheck(onApplied?: () => void) {
  const queries = useQueryClient();
  const check = useMutation({ mutationFn: async (draft: JobDraft) => verdictOf(await validateJob(draft)) });
  const apply = useMutation({
    mutationFn: async (order: ApplyOrder) => {
      const verdict = await applied(order);
      noteOrder();
      if (verdict.ok) onApplied?.();
      return verdict;
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  return { check, apply };
}
