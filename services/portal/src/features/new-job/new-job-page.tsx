import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle1,
  Tab,
  TabList,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { SystemsView, SystemView } from '@provident/contracts/http';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { attributesOf } from '../../shared/attributes/known-attributes.js';
import { IssueList, NoteList } from '../../shared/issue-list.js';
import { goTo } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { texts } from '../../texts/en.js';
import { firstRunTexts } from '../../texts/en/first-run.js';
import { definitionOf, type Draft, emptyDraft, missingIn, stepOf } from './draft.js';
import { fittingRows } from './fitting-columns.js';
import { RulesStep, SourceStep, TargetStep } from './steps.js';
import { tryStep } from './try-step.js';

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
  const [systems, setSystems] = useState<SystemsView>();
  const trial = useMutation({ mutationFn: (of: number) => tryStep(draft, of) });
  const { check, apply } = useJobCheck(() => goTo(pages.job(draft.jobId.trim())));
  const Step = steps[step] ?? SourceStep;
  const verdict = apply.data ?? check.data;
  const problem = apply.error ?? check.error ?? trial.error;
  const issues = verdict?.issues ?? trial.data?.issues ?? [];
  const unasked = issues.length === 0 ? (trial.data?.problem ?? null) : null;
  const isBusy = check.isPending || apply.isPending || trial.isPending;
  const source = attributesOf(systems?.source, 'user');
  const target = attributesOf(systems?.target, 'User');
  const answered = [null, told(systems?.source, source.attributes.length), told(systems?.target, target.attributes.length)][step];

  const change = (part: Partial<Draft>): void => {
    setDraft({ ...draft, ...part });
    check.reset();
    apply.reset();
    trial.reset();
  };
  /** Goes to a step if all before it are answered, else to the first that is not. */
  const go = (wanted: number): void => {
    const open = [0, 1, 2].slice(0, wanted).find((each) => missingIn(draft, each).length > 0);
    setMissing(open === undefined ? [] : missingIn(draft, open));
    setStep(open ?? wanted);
    trial.reset();
  };
  /** A system that cannot be asked now may be up when the job runs: whoever was told of it may go on. */
  const next = async (): Promise<void> => {
    if (unasked !== null || missingIn(draft, step).length > 0) return go(step + 1);
    const found = await trial.mutateAsync(step).catch(() => null);
    if (!found) return; // the mutation keeps the error, and it is shown
    setSystems(found.systems);
    if (found.issues.length > 0 || found.problem !== null) return;
    const columns = attributesOf(found.systems.source, 'user').attributes.map(({ name }) => name);
    if (step === 0 && columns.length > 0) setDraft((now) => ({ ...now, rows: fittingRows(now, columns) }));
    go(step + 1);
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
      {answered && <Text role="status">{answered}</Text>}
      <Step draft={draft} change={change} missing={missing} source={source} target={target} />
      <div aria-live="polite">
        {problem && <Problem error={problem} />}
        {issues.length > 0 && <IssueList issues={issues} />}
        {unasked !== null && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{said.unasked[step]}</MessageBarTitle>
              {unasked}
            </MessageBarBody>
          </MessageBar>
        )}
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
          <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void next()}>
            {trial.isPending ? said.asking : unasked === null ? texts.common.next : said.allTheSame}
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

/** What a system answered, in a line; null when it was not asked. */
const told = (system: SystemView | undefined, attributes: number): string | null =>
  system?.name == null ? null : said.told(system.name, attributes);
