import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Subtitle1,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { SimulationView } from '@provident/contracts/http';
import { type ReactElement, useState } from 'react';

import type { LinksChoice } from '../../api/apply-job.js';
import { Confirm } from '../../shared/confirm.js';
import { differenceOf } from '../../shared/difference.js';
import { DifferenceTable } from '../../shared/difference-table.js';
import { simulatedText, writeDraft } from '../../shared/draft/draft-store.js';
import { IssueList } from '../../shared/issue-list.js';
import { parseJob } from '../../shared/job-yaml.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import type { Revision } from '../../shared/revisions.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { useMay } from '../../shared/use-may.js';
import { planTexts as said } from '../../texts/en/plan.js';

const useStyles = makeStyles({
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  heading: { margin: 0 },
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

interface ChangedRulesProps {
  readonly jobId: string;
  readonly simulation: SimulationView;
  readonly revisions: readonly [Revision, ...Revision[]];
}

/** The rules that were simulated beside those that applied then, and the step from one to the other. */
export function ChangedRules({ jobId, simulation, revisions }: ChangedRulesProps): ReactElement {
  const styles = useStyles();
  const [links, setLinks] = useState<LinksChoice | undefined>();
  const { apply } = useJobCheck(() => writeDraft(jobId, null));
  const mayConfigure = useMay('configure', jobId);
  const [latest] = revisions;
  const text = simulatedText(simulation.simulationId);
  const parsed = text === null ? null : parseJob(text);
  if (!parsed || !('definition' in parsed)) return <Text>{said.differenceElsewhere}</Text>;
  const { definition } = parsed;
  const against = revisions.find(({ revision }) => revision === simulation.revision) ?? latest;
  const difference = differenceOf(against.definition, definition);
  const { data: verdict, error, isPending } = apply;
  const isApplied = differenceOf(latest.definition, definition).length === 0;
  const asksForLinks = verdict?.issues.some(({ path }) => path.length === 1 && path[0] === 'target') ?? false;
  const give = (): void => apply.mutate({ definition, baseDir: latest.baseDir, links, revision: against.revision });
  return (
    <section aria-label={said.difference} className={styles.section}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.difference}
      </Subtitle1>
      {difference.length === 0 ? <Text>{said.differenceNone}</Text> : <DifferenceTable label={said.difference} difference={difference} />}
      <div aria-live="polite">
        {error && <Problem error={error} />}
        {verdict && verdict.issues.length > 0 && <IssueList issues={verdict.issues} />}
        {verdict?.ok === false && verdict.issues.length === 0 && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{verdict.message}</MessageBarBody>
          </MessageBar>
        )}
        {(verdict?.ok || isApplied) && (
          <MessageBar intent="success">
            <MessageBarBody>
              {verdict?.ok ? verdict.message : said.appliesNow} <Link to={pages.job(jobId, 'settings')}>{said.applied}</Link>
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
      {asksForLinks && (
        <Field label={said.links}>
          <RadioGroup value={links ?? ''} onChange={(_, { value }) => setLinks(value as LinksChoice)}>
            <Radio value="keep" label={said.linksKeep} />
            <Radio value="forget" label={said.linksForget} />
          </RadioGroup>
        </Field>
      )}
      {mayConfigure && simulation.state === 'completed' && !isApplied && !verdict?.ok && (
        <div className={styles.foot}>
          <Confirm title={said.applyTitle} text={said.applyText(simulation.differing)} action={said.apply} onConfirm={give}>
            <Button appearance="primary" disabledFocusable={isPending || (asksForLinks && links === undefined)}>
              {said.apply}
            </Button>
          </Confirm>
          <Link to={pages.job(jobId, 'mapping')}>{said.editRules}</Link>
        </div>
      )}
    </section>
  );
}
