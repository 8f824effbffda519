import { useCallback, useState } from 'react';

import { printJob } from '../job-yaml.js';
import type { Revision } from '../revisions.js';
import { readDraft, writeDraft } from './draft-store.js';

export interface Draft {
  /** The job file as it is being written. */
  readonly text: string;
  /** The one that applies. */
  readonly applied: string;
  readonly isChanged: boolean;
  /** Revision that the draft was begun from, when somebody has applied another since. */
  readonly begunFrom: number | null;
  readonly edit: (text: string) => void;
  readonly discard: () => void;
}

/** The rules of a job as somebody writes them: one draft for each job and window, whichever page edits it. */
export function useDraft(jobId: string, latest: Revision): Draft {
  const applied = printJob(latest.definition);
  const [draft, setDraft] = useState(() => readDraft(jobId));
  const text = draft?.text ?? applied;
  const isChanged = text !== applied;
  const edit = useCallback(
    (next: string) => {
      const begun = readDraft(jobId)?.revision ?? latest.revision;
      const kept = next === applied ? null : { text: next, revision: begun };
      writeDraft(jobId, kept);
      setDraft(kept);
    },
    [jobId, latest.revision, applied],
  );
  return {
    text,
    applied,
    isChanged,
    begunFrom: isChanged && draft && draft.revision !== latest.revision ? draft.revision : null,
    edit,
    discard: () => edit(applied),
  };
}
