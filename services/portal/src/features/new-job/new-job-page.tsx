import { Button, makeStyles, MessageBar, MessageBarBody, Subtitle1, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import { IssueList, NoteList } from '../../shared/issue-list.js';
import { goTo } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { texts } from '../../texts/en.js';
import { firstRunTexts } from '../../texts/en/first-run.js';
import { definitionOf, type Draft, emptyDraft, missingIn, stepOf } from './draft.js';
import { RulesStep, SourceStep, TargetStep } from './steps.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
});

const steps = [SourceStep, TargetStep, RulesStep] as const;
const last = steps.length - 1;
const said = firstRunTexts;

/** Makes a job from a CSV file and a SCIM address in three steps. `isFirst`: there is none yet, so it also says what a job is. */
export function NewJobPage({ isFirst }: { isFirst: boolean }): ReactElement {
  const styles = useStyles();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [step, setStep] = useState(0);
  const [missing, setMissing] = useState<readonly (keyof Draft)[]>([]);
  const { check, apply } = useJobCheck(() => goTo(pages.job(draft.jobId.trim())));
  const Step = steps[step] ?? SourceStep;
  const verdict = apply.data ?? check.data;
  const problem = apply.error ?? check.error;
  const isBusy = check.isPending || apply.isPending;

  const change = (part: Partial<Draft>): void => {
    setDraft({ ...draft, ...part });
    check.reset();
    apply.reset();
  };
  /** Goes to a step if all before it are answered, else to the first that is not. */
  const go = (wanted: number): void => {
    const open = [0, 1, 2].slice(0, wanted).find((each) => missingIn(draft, each).length > 0);
    setMissing(open === undefined ? [] : missingIn(draft, open));
    setStep(open ?? wanted);
  };
  const send = async (what: typeof check | typeof apply): Promise<void> => {
    if ([0, 1].some((each) => missingIn(draft, each).length > 0)) return go(last);
    const definition = definitionOf(draft);
    const answer = await (what === check ? check.mutateAsync({ definition }) : apply.mutateAsync({ definition, revision: 0 })).catch(
      () => null,
    );
    if (!answer) return; // the mutation keeps the error, and it is shown
    const [first] = answer.issues.toSorted((one, other) => stepOf(one) - stepOf(other));
    if (first) setStep(stepOf(first));
  };

  return (
    <Page title={isFirst ? said.title : said.another}>
      <Text>{said.lead}</Text>
      <TabList selectedValue={step} onTabSelect={(_, { value }) => go(Number(value))} aria-label={said.another}>
        {said.steps.map((name, index) => (
          <Tab key={name} value={index}>
            {index + 1}. {name}
          </Tab>
        ))}
      </TabList>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.step(step + 1, said.steps[step] ?? '')}
      </Subtitle1>
      <Step draft={draft} change={change} missing={missing} />
      <div aria-live="polite">
        {problem && <Problem error={problem} />}
        {verdict && verdict.issues.length > 0 && <IssueList issues={verdict.issues} />}
        {verdict && <NoteList notes={verdict.notes} />}
        {verdict?.ok && !apply.data && (
          <MessageBar intent="success">
            <MessageBarBody>{said.checked}</MessageBarBody>
          </MessageBar>
        )}
        {verdict && !verdict.ok && verdict.issues.length === 0 && <Text>{verdict.message}</Text>}
      </div>
      <div className={styles.foot}>
        {step > 0 && <Button onClick={() => go(step - 1)}>{texts.common.back}</Button>}
        {step < last ? (
          <Button appearance="primary" onClick={() => go(step + 1)}>
            {texts.common.next}
          </Button>
        ) : (
          <>
            <Button disabledFocusable={isBusy} onClick={() => void send(check)}>
              {check.isPending ? said.checking : said.check}
            </Button>
            <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void send(apply)}>
              {apply.isPending ? said.creating : said.create}
            </Button>
          </>
        )}
      </div>
    </Page>
  );
}
