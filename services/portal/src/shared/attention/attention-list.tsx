import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';

import { startJob } from '../../api/start-job.js';
import { formatInstant, formatRelative } from '../format.js';
import { nameOf } from '../job-name.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { ReleaseButton } from '../release-button.js';
import { useOrder } from '../use-order.js';
import { texts } from '../../texts/en.js';
import type { Attention } from './attention.js';

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, listStyleType: 'none', margin: 0, padding: 0 },
  text: { display: 'block', overflowWrap: 'anywhere' },
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

interface NoticeProps {
  readonly intent: 'error' | 'warning';
  readonly title: string;
  readonly lines: readonly string[];
  readonly actions?: ReactNode;
}

function Notice({ intent, title, lines, actions }: NoticeProps): ReactElement {
  const styles = useStyles();
  return (
    <MessageBar intent={intent} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {lines.map((line) => (
          <span key={line} className={styles.text}>
            {line}
          </span>
        ))}
      </MessageBarBody>
      {actions !== undefined && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}

function Item({ item, now }: { item: Attention; now: number }): ReactElement {
  const { give, isPending } = useOrder();
  if (item.kind === 'broker') return <Notice intent="error" title={said.broker} lines={[said.brokerDo]} />;
  if (item.kind === 'database') return <Notice intent="error" title={said.database} lines={[said.databaseDo]} />;
  if (item.kind === 'services') return <Notice intent="error" title={said.services(item.missing.join(', '))} lines={[said.servicesDo]} />;
  const { job } = item;
  const { jobId, quarantine, heldRemovals, lastCycle, escrows } = job;
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
          <Button disabled={isPending} onClick={() => give(() => startJob(jobId))}>
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
        lines={[said.heldWhy(heldRemovals.proposed, heldRemovals.linked, heldRemovals.threshold), said.heldDo]}
        actions={
          <>
            <Link to={pages.log({ job: jobId, status: 'warning' })}>{said.seeNames}</Link>
            <ReleaseButton job={job} />
          </>
        }
      />
    );
  if (item.kind === 'failed-cycle')
    return <Notice intent="error" title={said.failedCycle(nameOf(job))} lines={lastCycle?.failure ? [lastCycle.failure.message] : []} />;
  return (
    <Notice
      intent="warning"
      title={said.failures(nameOf(job), escrows)}
      lines={[said.failuresDo]}
      actions={<Link to={pages.log({ job: jobId, status: 'failure' })}>{said.seeFailures}</Link>}
    />
  );
}
