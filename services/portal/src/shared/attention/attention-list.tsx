import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { type ReactElement, Suspense } from 'react';

import { startJob } from '../../api/start-job.js';
import { formatInstant, formatRelative } from '../format.js';
import { guardsSaid } from '../guards-said.js';
import { nameOf } from '../job-name.js';
import { lazily } from '../lazily.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { useOrder } from '../use-order.js';
import { texts } from '../../texts/en.js';
import type { Attention } from './attention.js';
import { FailuresNotice } from './failures-notice.js';
import { Notice } from './notice.js';

/** Its dialog is not for the first page of somebody whom nothing waits for. */
const ReleaseButton = lazily(async () => (await import('../release-button.js')).ReleaseButton);

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, listStyleType: 'none', margin: 0, padding: 0 },
});

const said = texts.attention;

/** What waits for a person, each with what it means and what to do. */
export function AttentionList({ items, now }: { items: readonly Attention[]; now: number }): ReactElement {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <li key={item.kind + ('job' in item ? item.job.jobId : '')}>
          <Item item={item} now={now} />
        </li>
      ))}
    </ul>
  );
}

function Item({ item, now }: { item: Attention; now: number }): ReactElement {
  const { give, isPending } = useOrder();
  if (item.kind === 'broker') return <Notice intent="error" title={said.broker} lines={[said.brokerDo]} />;
  if (item.kind === 'database') return <Notice intent="error" title={said.database} lines={[said.databaseDo]} />;
  if (item.kind === 'wrong-log') return <Notice intent="error" title={said.wrongLog} lines={[said.wrongLogDo(item.words)]} />;
  if (item.kind === 'services') return <Notice intent="error" title={said.services(item.missing.join(', '))} lines={[said.servicesDo]} />;
  if (item.kind === 'durability') return <Notice intent="warning" title={said.durability} lines={[said.durabilityDo]} />;
  const { job } = item;
  const { jobId, quarantine, heldRemovals, lastCycle } = job;
  if (item.kind === 'quarantine' && quarantine)
    return (
      <Notice
        intent="error"
        title={said.quarantine(nameOf(job))}
        lines={[
          `${said.quarantineReason[quarantine.reason] ?? quarantine.reason}: ${quarantine.message}`,
          `${said.since(formatInstant(quarantine.beganAt))}. ${said.quarantineDo(formatRelative(quarantine.nextAttemptAt, now))}`,
        ]}
        actions={
          <Button disabledFocusable={isPending} onClick={() => give(() => startJob(jobId))}>
            {said.start}
          </Button>
        }
      />
    );
  if (item.kind === 'held' && heldRemovals)
    return (
      <Notice
        intent="warning"
        title={said.held(nameOf(job), heldRemovals.proposed)}
        lines={[
          said.heldWhy(heldRemovals.proposed, heldRemovals.linked, heldRemovals.guards.length > 0 ? '' : ` (${heldRemovals.threshold})`),
          ...guardsSaid(heldRemovals.guards),
          said.heldDo,
        ]}
        actions={
          <>
            <Link to={pages.plan(jobId)}>{said.seeNames}</Link>
            <Suspense fallback={null}>
              <ReleaseButton job={job} />
            </Suspense>
          </>
        }
      />
    );
  if (item.kind === 'failed-cycle')
    return <Notice intent="error" title={said.failedCycle(nameOf(job))} lines={lastCycle?.failure ? [lastCycle.failure.message] : []} />;
  return <FailuresNotice job={job} />;
}
