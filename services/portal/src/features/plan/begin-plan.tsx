import { Button, Checkbox, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { ApiProblem } from '../../api/request.js';
import { type SimulationOrder, simulateJob } from '../../api/simulate-job.js';
import { rememberSimulated } from '../../shared/draft/draft-store.js';
import { useDraft } from '../../shared/draft/use-draft.js';
import { IssueList, NoteList } from '../../shared/issue-list.js';
import { parseJob } from '../../shared/job-yaml.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import type { Revision } from '../../shared/revisions.js';
import { saidOf } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { planTexts as said } from '../../texts/en/plan.js';

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface BeginPlanProps {
  readonly jobId: string;
  readonly latest: Revision;
  readonly began: (simulationId: string) => void;
}

/** Begins a simulation: of the job as it is, or of the rules that this window has changed. */
export function BeginPlan({ jobId, latest, began }: BeginPlanProps): ReactElement {
  const styles = useStyles();
  const { text, isChanged } = useDraft(jobId, latest);
  const [compare, setCompare] = useState(true);
  const parsed = parseJob(text);
  const definition = 'definition' in parsed ? parsed.definition : undefined;
  const begin = useMutation({
    mutationFn: (order: SimulationOrder) => simulateJob(jobId, order),
    onSuccess: ({ result: { simulationId } }, { definition: simulated }) => {
      if (typeof simulationId !== 'string') return;
      if (simulated !== undefined) rememberSimulated(simulationId, text);
      began(simulationId);
    },
  });
  const { error, isPending, data } = begin;
  const mayOperate = useMay('operate', jobId);
  const mayConfigure = useMay('configure', jobId);
  const notes = data?.result['notes'];
  if (!mayOperate) return <NotAllowed permission="operate" />;
  return (
    <>
      <div className={styles.line}>
        <Button
          appearance={isChanged ? 'secondary' : 'primary'}
          disabledFocusable={isPending}
          onClick={() => begin.mutate({ compare: false })}
        >
          {isPending ? said.beginning : said.begin}
        </Button>
        {isChanged && mayConfigure && (
          <>
            <Button
              appearance="primary"
              disabledFocusable={isPending || definition === undefined}
              onClick={() => begin.mutate({ definition, baseDir: latest.baseDir, compare })}
            >
              {said.beginDraft}
            </Button>
            <Checkbox label={said.compare} checked={compare} onChange={(_, { checked }) => setCompare(checked === true)} />
          </>
        )}
      </div>
      <Text className={styles.quiet}>
        {isChanged ? said.draftWaits : said.noDraft} <Link to={pages.job(jobId, 'mapping')}>{said.editRules}</Link>
      </Text>
      <div aria-live="polite">
        {error instanceof ApiProblem && error.issues.length > 0 && <IssueList issues={error.issues} />}
        {error && !(error instanceof ApiProblem && error.issues.length > 0) && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{said.refused}</MessageBarTitle> {saidOf(error)}
            </MessageBarBody>
          </MessageBar>
        )}
        {Array.isArray(notes) && <NoteList notes={notes.map(String)} />}
      </div>
    </>
  );
}
