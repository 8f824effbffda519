import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  ProgressBar,
  Subtitle1,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { SimulationView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { cancelSimulation } from '../../api/cancel-simulation.js';
import { simulationQuery } from '../../api/get-simulation.js';
import { ApiProblem } from '../../api/request.js';
import { FactList } from '../../shared/fact-list.js';
import { formatNumber } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import type { Revision } from '../../shared/revisions.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useOrder } from '../../shared/use-order.js';
import { planTexts as said } from '../../texts/en/plan.js';
import { ChangedRules } from './changed-rules.js';
import { PlanRows } from './plan-rows.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  progress: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
});

interface PlanProps {
  readonly jobId: string;
  readonly simulationId: string;
  readonly revisions: readonly [Revision, ...Revision[]];
}

/** One simulation: how far it is, what it found, and, if it was of changed rules, these. */
export function Plan({ jobId, simulationId, revisions }: PlanProps): ReactElement {
  const styles = useStyles();
  const { data: simulation, error, refetch } = useQuery(simulationQuery(simulationId));
  if (!simulation) {
    if (error instanceof ApiProblem && error.status === 404) return <Empty title={said.notFound}>{said.notFoundHint}</Empty>;
    return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  }
  return (
    <>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.result}
      </Subtitle1>
      {simulation.state === 'running' && <Running simulation={simulation} />}
      {simulation.state === 'failed' || simulation.state === 'cancelled' ? <Incomplete simulation={simulation} /> : null}
      <FactList facts={factsOf(simulation)} />
      {simulation.absenceWithheld !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{said.absence(simulation.absenceWithheld)}</MessageBarBody>
        </MessageBar>
      )}
      {simulation.rules === 'file' && <ChangedRules jobId={jobId} simulation={simulation} revisions={revisions} />}
      <PlanRows simulation={simulation} />
    </>
  );
}

function Running({ simulation: { simulationId, read, total } }: { simulation: SimulationView }): ReactElement {
  const styles = useStyles();
  const { give, isPending } = useOrder();
  return (
    <div className={styles.progress}>
      <ProgressBar aria-label={said.running} thickness="large" {...(total !== null && total > 0 && { value: Math.min(1, read / total) })} />
      <div className={styles.line}>
        <Text>{total === null ? said.runningSome(formatNumber(read)) : said.runningOf(formatNumber(read), formatNumber(total))}</Text>
        <Button disabledFocusable={isPending} onClick={() => give(() => cancelSimulation(simulationId))}>
          {said.cancel}
        </Button>
      </div>
    </div>
  );
}

function Incomplete({ simulation: { state, failure } }: { simulation: SimulationView }): ReactElement {
  return (
    <MessageBar intent={state === 'failed' ? 'error' : 'warning'} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{said.state[state]}</MessageBarTitle> {failure && `${said.side[failure.side]}: ${failure.message}. `}
        {state === 'failed' ? said.incomplete.failed : said.incomplete.cancelled}
      </MessageBarBody>
    </MessageBar>
  );
}

function factsOf({ rules, comparing, revision, openedAt, read, differing, guard }: SimulationView): (readonly [string, ReactNode])[] {
  return [
    [said.facts.rules, rules === 'current' ? said.rules.current(revision) : comparing ? said.rules.compared : said.rules.file],
    [said.facts.began, <Instant key="began" at={openedAt} />],
    [said.facts.read, formatNumber(read)],
    ...(differing === null ? [] : ([[said.facts.differing, formatNumber(differing)]] as const)),
    ...(guard === null ? [] : ([[said.facts.removals, guardSaid(guard)]] as const)),
  ];
}

function guardSaid({ proposed, members = 0, linked, decision, threshold }: NonNullable<SimulationView['guard']>): string {
  if (proposed + members === 0) return said.guard.none;
  const what = said.guard.what(proposed, linked, members);
  return decision === 'hold' ? said.guard.hold(what, threshold ?? '') : said.guard.release(what);
}
