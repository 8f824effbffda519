import { makeStyles, MessageBar, MessageBarBody, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { healthQuery } from '../../api/get-health.js';
import { DataTable } from '../../shared/data-table.js';
import { FactList } from '../../shared/fact-list.js';
import { formatNumber } from '../../shared/format.js';
import { Relative } from '../../shared/instant.js';
import { nameOf, useJobs } from '../../shared/job-name.js';
import { Link } from '../../shared/link.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { revisionsQuery } from '../../shared/revisions.js';
import { Loading, Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useNow } from '../../shared/use-now.js';
import { texts } from '../../texts/en.js';
import { installationTexts as said } from '../../texts/en/installation.js';
import { Care } from './care.js';
import { Streams } from './streams.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  heading: { margin: 0 },
});

/** What runs, whether it is well, who is told of trouble, and what can be done to look after it. */
export function InstallationPage(): ReactElement {
  const { isPending } = useQuery(healthQuery);
  return (
    <Page title={said.title}>
      <Part title={said.health}>
        <Health />
      </Part>
      {!isPending && <Others />}
    </Page>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const styles = useStyles();
  return (
    <section className={styles.part}>
      <Subtitle1 as="h2" className={styles.heading}>
        {title}
      </Subtitle1>
      {children}
    </section>
  );
}

/** What stands below the health: it comes after it, which would push it down. */
function Others(): ReactElement {
  const mayMaintain = useMay('maintain');
  return (
    <>
      <Part title={said.notices}>
        <Text>{said.noticesLead}</Text>
        <Notices />
      </Part>
      <Part title={said.streams}>{mayMaintain ? <Streams /> : <NotAllowed permission="maintain" />}</Part>
      <Part title={said.care}>{mayMaintain ? <Care /> : <NotAllowed permission="maintain" />}</Part>
    </>
  );
}

function Health(): ReactElement {
  const now = useNow();
  const { data, error, refetch } = useQuery(healthQuery);
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const { status, log, database, broker, services, signIn } = data;
  const versions = new Set(services.flatMap(({ version }) => version ?? []));
  const behind = Math.max(0, log.head - log.position);
  const answers = (does: boolean): string => (does ? said.answers : said.silent);
  return (
    <>
      <FactList
        facts={[
          [said.health, status === 'ok' ? said.ok : said.degraded],
          [said.position, behind === 0 ? said.upToDate(log.head) : said.behind(behind, log.head)],
          [said.database, answers(database)],
          [said.broker, answers(broker)],
          ...(signIn === undefined ? [] : ([[said.signIn, said.signIns[signIn] ?? signIn]] as const)),
        ]}
      />
      {versions.size > 1 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{said.versions([...versions].sort().join(', '))}</MessageBarBody>
        </MessageBar>
      )}
      {services.length === 0 ? (
        <Text>{said.noServices}</Text>
      ) : (
        <DataTable
          label={said.services}
          columns={[said.column.service, said.column.instance, said.column.version, said.column.seen, said.column.lanes]}
          rows={services.map(({ service, instance, version, seenAt, lanes }) => [
            instance,
            service,
            instance,
            version ?? texts.common.none,
            <Relative key="seen" at={seenAt} now={now} />,
            formatNumber(lanes),
          ])}
        />
      )}
    </>
  );
}

interface Notify {
  readonly email?: readonly string[];
  readonly webhook?: { readonly url?: string };
}

function Notices(): ReactElement {
  const jobs = [...useJobs().values()];
  const latest = useQueries({ queries: jobs.map(({ jobId, revision }) => revisionsQuery(jobId, revision)) });
  if (jobs.length === 0) return <Text>{said.noJobs}</Text>;
  return (
    <DataTable
      label={said.notices}
      columns={[said.job, said.told, said.change]}
      rows={jobs.map((job, index) => [
        job.jobId,
        <Link key="job" to={pages.job(job.jobId)}>
          {nameOf(job)}
        </Link>,
        toldBy((latest[index]?.data?.[0]?.definition as { notify?: Notify } | undefined)?.notify),
        <Link key="change" to={pages.job(job.jobId, 'settings')}>
          {said.change}
        </Link>,
      ])}
    />
  );
}

function toldBy(notify: Notify | undefined): string {
  const ways = [
    ...(notify?.email ?? []).map((to) => said.mail(to)),
    ...(notify?.webhook?.url === undefined ? [] : [said.webhook(notify.webhook.url)]),
  ];
  return ways.length === 0 ? said.nobody : ways.join(', ');
}
