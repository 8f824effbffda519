import { Button, Field, makeStyles, MessageBar, MessageBarBody, Text, Textarea, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { writeDraft } from '../../shared/draft/draft-store.js';
import { useDraft } from '../../shared/draft/use-draft.js';
import { IssueList, NoteList } from '../../shared/issue-list.js';
import { goTo } from '../../shared/location.js';
import { pages } from '../../shared/pages.js';
import { Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { jobTexts } from '../../texts/en/job.js';
import { rulesTexts } from '../../texts/en/rules.js';
import { Limits } from './limits.js';
import { Notifications } from './notifications.js';
import { RevisionHistory } from './revision-history.js';
import { parseJob, printJob } from '../../shared/job-yaml.js';
import type { Revision } from '../../shared/revisions.js';

const useStyles = makeStyles({
  text: { width: '100%', fontFamily: tokens.fontFamilyMonospace },
  area: { fontFamily: tokens.fontFamilyMonospace, minHeight: '420px', maxHeight: '70vh', whiteSpace: 'pre', overflowX: 'auto' },
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, marginBlock: tokens.spacingVerticalM },
});

const said = jobTexts;

/** The job as text: edited, checked and applied; and every revision that it has had. */
export function SettingsTab({ jobId, revisions }: { jobId: string; revisions: readonly [Revision, ...Revision[]] }): ReactElement {
  const styles = useStyles();
  const [latest] = revisions;
  const { text, applied, isChanged, begunFrom, edit: keep } = useDraft(jobId, latest);
  const { check, apply } = useJobCheck(() => writeDraft(jobId, null));
  const parsed = parseJob(text);
  const mistakes = 'mistakes' in parsed ? parsed.mistakes : [];
  const verdict = apply.data ?? check.data;
  const problem = apply.error ?? check.error;
  const mayConfigure = useMay('configure', jobId);
  const isBusy = check.isPending || apply.isPending || !mayConfigure;

  const edit = (next: string): void => {
    keep(next);
    check.reset();
    apply.reset();
  };
  const send = (what: typeof check | typeof apply): void => {
    if (!('definition' in parsed)) return;
    check.reset();
    apply.reset();
    const draft = { definition: parsed.definition, baseDir: latest.baseDir };
    if (what === check) check.mutate(draft);
    else apply.mutate({ ...draft, revision: latest.revision });
  };
  return (
    <>
      <Text>{said.settingsHint}</Text>
      {begunFrom !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{rulesTexts.begunFrom(begunFrom, latest.revision)}</MessageBarBody>
        </MessageBar>
      )}
      <Field
        label={said.yaml}
        {...(mistakes.length > 0 && {
          validationMessage: mistakes.map(({ line, column, message }) => said.syntax(line, column, message)).join(' '),
        })}
      >
        <Textarea
          className={styles.text}
          textarea={{ className: styles.area, spellCheck: false }}
          value={text}
          readOnly={apply.isPending} // what is typed now would be lost with the draft that becomes a revision
          onChange={(_, { value }) => edit(value)}
          resize="vertical"
        />
      </Field>
      <div className={styles.foot}>
        <Button disabledFocusable={isBusy || mistakes.length > 0} onClick={() => send(check)}>
          {said.check}
        </Button>
        <Button appearance="primary" disabledFocusable={isBusy || mistakes.length > 0 || !isChanged} onClick={() => send(apply)}>
          {said.apply_}
        </Button>
        {isChanged && <Button onClick={() => goTo(pages.plan(jobId))}>{rulesTexts.simulate}</Button>}
        {isChanged && <Button onClick={() => edit(applied)}>{said.undo}</Button>}
      </div>
      <div aria-live="polite">
        {problem && <Problem error={problem} />}
        {verdict && verdict.issues.length > 0 && <IssueList issues={verdict.issues} />}
        {verdict && <NoteList notes={verdict.notes} />}
        {verdict && verdict.issues.length === 0 && (
          <MessageBar intent={verdict.ok ? 'success' : 'error'}>
            <MessageBarBody>{verdict.message}</MessageBarBody>
          </MessageBar>
        )}
      </div>
      <Limits jobId={jobId} latest={latest} />
      <Notifications jobId={jobId} latest={latest} />
      <RevisionHistory revisions={revisions} take={({ definition }) => edit(printJob(definition))} />
    </>
  );
}
