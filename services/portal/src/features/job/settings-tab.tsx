import { Button, Field, makeStyles, MessageBar, MessageBarBody, Subtitle1, Text, Textarea, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import { DataTable } from '../../shared/data-table.js';
import { Instant } from '../../shared/instant.js';
import { IssueList, NoteList } from '../../shared/issue-list.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { texts } from '../../texts/en.js';
import { parseJob, printJob } from './job-yaml.js';
import type { Revision } from './revisions.js';

const useStyles = makeStyles({
  text: { width: '100%', fontFamily: tokens.fontFamilyMonospace },
  area: { fontFamily: tokens.fontFamilyMonospace, minHeight: '420px', maxHeight: '70vh', whiteSpace: 'pre', overflowX: 'auto' },
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, marginBlock: tokens.spacingVerticalM },
  heading: { margin: 0 },
});

const said = texts.job;

/** The job as text: edited, checked and applied; and every revision that it has had. */
export function SettingsTab({ revisions }: { revisions: readonly [Revision, ...Revision[]] }): ReactElement {
  const styles = useStyles();
  const [latest] = revisions;
  const applied = printJob(latest.definition);
  const [text, setText] = useState(applied);
  const { check, apply } = useJobCheck();
  const parsed = parseJob(text);
  const mistakes = 'mistakes' in parsed ? parsed.mistakes : [];
  const isChanged = text !== applied;
  const verdict = apply.data ?? check.data;
  const problem = apply.error ?? check.error;
  const isBusy = check.isPending || apply.isPending;

  const edit = (next: string): void => {
    setText(next);
    check.reset();
    apply.reset();
  };
  const send = (what: typeof check): void => {
    if (!('definition' in parsed)) return;
    check.reset();
    apply.reset();
    what.mutate({ definition: parsed.definition, baseDir: latest.baseDir });
  };
  return (
    <>
      <Text>{said.settingsHint}</Text>
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
          onChange={(_, { value }) => edit(value)}
          resize="vertical"
        />
      </Field>
      <div className={styles.foot}>
        <Button disabled={isBusy || mistakes.length > 0} onClick={() => send(check)}>
          {said.check}
        </Button>
        <Button appearance="primary" disabled={isBusy || mistakes.length > 0 || !isChanged} onClick={() => send(apply)}>
          {said.apply_}
        </Button>
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
      <Subtitle1 as="h2" className={styles.heading}>
        {said.revisions}
      </Subtitle1>
      <DataTable
        label={said.revisions}
        columns={[said.revision, texts.log.column.at, said.by, '']}
        rows={revisions.map(({ revision, at, by, definition }) => [
          String(revision),
          said.revisionOf(revision),
          <Instant key="at" at={at} />,
          by.name,
          <Button key="take" size="small" onClick={() => edit(printJob(definition))}>
            {said.take}
          </Button>,
        ])}
      />
    </>
  );
}
