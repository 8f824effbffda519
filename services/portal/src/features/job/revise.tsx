import { Button, makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { readDraft, writeDraft } from '../../shared/draft/draft-store.js';
import { IssueList } from '../../shared/issue-list.js';
import { printJob } from '../../shared/job-yaml.js';
import { goTo } from '../../shared/location.js';
import { pages } from '../../shared/pages.js';
import type { Revision } from '../../shared/revisions.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { useMay } from '../../shared/use-may.js';
import { removeIn, setIn } from './rules/rules-text.js';

const useStyles = makeStyles({
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
});

/** Keys of a job file with what they should say; undefined takes one out. */
export type Parts = Readonly<Record<string, unknown>>;

interface ReviseProps {
  readonly jobId: string;
  readonly latest: Revision;
  /** What the form says at first, and what it says now. */
  readonly before: Parts;
  readonly parts: Parts;
  /** Words of the button that applies it. */
  readonly action: string;
  /** Words of the button that shows first what it would change for people; absent where it changes nothing for them. */
  readonly look?: string;
}

/** Foot of a form for a part of a job: applies it as a new revision and tells what the check says, or shows first who would change. */
export function Revise({ jobId, latest, before, parts, action, look }: ReviseProps): ReactElement {
  const styles = useStyles();
  const mayConfigure = useMay('configure', jobId);
  const { apply } = useJobCheck();
  const { data: verdict, error } = apply;
  const isHindered = JSON.stringify(parts) === JSON.stringify(before) || apply.isPending;
  const save = (): void => {
    const definition = Object.fromEntries(Object.entries({ ...latest.definition, ...parts }).filter(([, value]) => value !== undefined));
    apply.mutate({ definition, baseDir: latest.baseDir, revision: latest.revision });
  };
  /** Into the rules that are being written in this window, if there are any: they are simulated as a whole. */
  const preview = (): void => {
    const draft = readDraft(jobId);
    const text = Object.entries(parts).reduce(
      (written, [key, value]) => (value === undefined ? removeIn(written, [key]) : setIn(written, [key], value)),
      draft?.text ?? printJob(latest.definition),
    );
    writeDraft(jobId, { text, revision: draft?.revision ?? latest.revision });
    goTo(pages.plan(jobId));
  };
  return (
    <>
      {mayConfigure && (
        <div className={styles.buttons}>
          <Button disabledFocusable={isHindered} onClick={save}>
            {action}
          </Button>
          {look !== undefined && (
            <Button disabledFocusable={isHindered} onClick={preview}>
              {look}
            </Button>
          )}
        </div>
      )}
      <div aria-live="polite">
        {error && <Problem error={error} />}
        {verdict && verdict.issues.length > 0 && <IssueList issues={verdict.issues} />}
        {verdict?.ok === false && verdict.issues.length === 0 && (
          <MessageBar intent="error">
            <MessageBarBody>{verdict.message}</MessageBarBody>
          </MessageBar>
        )}
      </div>
    </>
  );
}
