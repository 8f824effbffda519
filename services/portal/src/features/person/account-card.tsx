import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Button,
  Card,
  makeStyles,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { JobStatusView, PersonStoryView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { connectionsQuery } from '../../api/connections.js';
import { retryFailed } from '../../api/retry-failed.js';
import { DataTable } from '../../shared/data-table.js';
import { clausesOf, troubleOf } from '../../shared/entry/advice.js';
import { Value } from '../../shared/entry/changes-table.js';
import { ClausesTable } from '../../shared/entry/clauses-table.js';
import { FactList } from '../../shared/fact-list.js';
import { withLocalTimes } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { nameOf } from '../../shared/job-name.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { EntryBadge } from '../../shared/status-badge.js';
import { texts } from '../../texts/en.js';
import { failuresTexts } from '../../texts/en/failures.js';
import { linkTexts } from '../../texts/en/link.js';
import { personTexts } from '../../texts/en/person.js';
import { detailsTexts } from '../../texts/en/details.js';
import { logTexts } from '../../texts/en/log.js';
import { MendLink } from './mend-link.js';
import { SideBySide } from './side-by-side-table.js';
import type { Account } from './story.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  why: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
});

const said = personTexts;

interface AccountCardProps {
  readonly account: Account;
  readonly job: JobStatusView | undefined;
  /** The same told from its events; undefined while it is not there. */
  readonly story: PersonStoryView['objects'][number] | undefined;
}

/** How a person stands in one job: the account, or why there is none. */
export function AccountCard({ account, job, story }: AccountCardProps): ReactElement {
  const styles = useStyles();
  const { jobId, latest, state, values } = account;
  const mayOperate = useMay('operate', jobId);
  const mayConfigure = useMay('configure', jobId);
  const { data: connections } = useQuery(connectionsQuery(jobId, account.sourceId ?? account.targetId ?? ''));
  const connection = connections?.find(({ objectType, sourceId }) => objectType === account.objectType && sourceId === account.sourceId);
  const { give, isPending } = useOrder();
  const trouble = troubleOf(latest);
  const clauses = clausesOf(latest).filter(({ holds }) => !holds);
  return (
    <Card role="region" aria-label={job ? nameOf(job) : jobId}>
      <div className={styles.head}>
        <Subtitle2 as="h3" className={styles.heading}>
          <Link to={pages.job(jobId)}>{job ? nameOf(job) : jobId}</Link>
        </Subtitle2>
        <EntryBadge status={latest.status} />
        {state === 'failed' && mayOperate && (
          <Button
            size="small"
            disabledFocusable={isPending}
            onClick={() => give(() => retryFailed(jobId, { user: account.sourceId ?? account.targetId ?? '' }))}
          >
            {failuresTexts.retryNow}
          </Button>
        )}
        {connection && mayConfigure && <MendLink connection={connection} name={account.displayName ?? connection.sourceId} />}
      </div>
      <FactList
        facts={[
          [said.state, <strong key="state">{said.accountState[state]}</strong>],
          [said.account, account.targetId ?? said.noAccount],
          ...(connection ? [[linkTexts.linkedTo, connection.targetId ?? linkTexts.nothing] as const] : []),
          [logTexts.column.sourceId, account.sourceId ?? texts.common.none],
          [said.latest, <Instant key="at" at={latest.at} />],
          [said.outcome, withLocalTimes(latest.statusText)],
        ]}
      />
      {trouble && (
        <div className={styles.why}>
          <Text weight="semibold">{latest.status === 'skipped' || latest.status === 'failure' ? said.whyNot : said.why}</Text>
          {trouble.advice !== '' && <Text>{trouble.advice}</Text>}
          {clauses.length > 0 && <ClausesTable clauses={clauses} />}
        </div>
      )}
      {story && job && <SideBySide object={story} job={job} />}
      {values.size > 0 && (
        <Accordion collapsible>
          <AccordionItem value="values">
            <AccordionHeader>{said.values}</AccordionHeader>
            <AccordionPanel>
              <Text>{said.valuesHint}</Text>
              <DataTable
                label={said.values}
                columns={[detailsTexts.attribute, detailsTexts.value]}
                rows={[...values].map(([name, value]) => [name, name, <Value key="value" value={value} />])}
              />
            </AccordionPanel>
          </AccordionItem>
        </Accordion>
      )}
    </Card>
  );
}
