import { Button, Drawer, DrawerBody, DrawerHeader, DrawerHeaderTitle, makeStyles, Switch, Text, tokens } from '@fluentui/react-components';
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync';
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { EntryDetails } from '../../shared/entry/entry-details.js';
import { formatInstant, withLocalTimes } from '../../shared/format.js';
import { useJobs } from '../../shared/job-name.js';
import { useSearch } from '../../shared/location.js';
import { Link } from '../../shared/link.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { choicesOf } from '../../shared/provision/choices.js';
import { ProvisionButton } from '../../shared/provision/provision-button.js';
import { useStored } from '../../shared/stored.js';
import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';
import { columns, isColumnChoice, usualColumns } from './columns.js';
import { ColumnsDialog } from './columns-dialog.js';
import { DownloadMenu } from './download-menu.js';
import { filterNames } from './filters.js';
import { LogFilters } from './log-filters.js';
import { LogTable } from './log-table.js';
import { atMost, useLog } from './use-log.js';
import { useLive } from './use-live.js';

const useStyles = makeStyles({
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, color: tokens.colorNeutralForeground2 },
  outcome: { marginBottom: tokens.spacingVerticalM, overflowWrap: 'anywhere' },
  order: { marginBottom: tokens.spacingVerticalM },
  drawer: { width: 'min(760px, 100vw)' },
});

const said = logTexts;

/** The provisioning log: every change of every object, newest first. */
export function LogPage(): ReactElement {
  const styles = useStyles();
  const [search, change] = useSearch();
  const jobs = useJobs();
  const [chosen, choose] = useStored('log.columns', usualColumns, isColumnChoice);
  const log = useLog(search);
  const { entries, keptSince, error, isPending, hasMore, isLoadingMore, isFull } = log;
  const isLive = search['live'] === '1';
  const isLost = useLive(isLive, search['job'], log.takeNewest);
  const open = entries.find(({ changeId }) => changeId === search['entry']);
  return (
    <Page
      full
      title={said.title}
      actions={
        <>
          <Switch label={said.live} checked={isLive} onChange={(_, { checked }) => change({ live: checked ? '1' : undefined })} />
          <Button icon={<ArrowSyncRegular />} onClick={log.reload}>
            {texts.common.refresh}
          </Button>
          <ColumnsDialog chosen={chosen} choose={choose} />
          <DownloadMenu entries={entries} chosen={chosen} jobs={jobs} />
        </>
      }
    >
      <LogFilters search={search} change={change} jobs={jobs} />
      {isPending && <Loading />}
      {error && entries.length === 0 && <Problem error={error} retry={log.reload} />}
      {!isPending && !error && entries.length === 0 && (
        <Empty title={said.emptyTitle}>
          {whyEmpty(search)} {keptSince !== undefined && said.keptSince(formatInstant(keptSince))}{' '}
          {search['user'] && <Link to={pages.person(search['user'])}>{said.searchPeople}</Link>}
        </Empty>
      )}
      {entries.length > 0 && (
        <LogTable
          entries={entries}
          chosen={chosen}
          jobs={jobs}
          open={open?.changeId}
          onOpen={(entry) => change({ entry })}
          hasMore={hasMore && !isLoadingMore}
          loadMore={log.loadMore}
        />
      )}
      <div className={styles.foot} aria-live="polite">
        {entries.length > 0 && <Text>{isFull ? said.enough(atMost) : said.shown(entries.length, hasMore)}</Text>}
        {keptSince !== undefined && !hasMore && <Text>{said.keptSince(formatInstant(keptSince))}</Text>}
        {isLoadingMore && <Text>{said.loadingMore}</Text>}
        {isLive && <Text>{isLost ? said.liveLost : said.liveOn}</Text>}
      </div>
      <Drawer
        type="overlay"
        position="end"
        className={styles.drawer}
        open={open !== undefined}
        onOpenChange={(_, { open: stays }) => stays || change({ entry: undefined })}
      >
        {open && <EntryPane entry={open} jobs={jobs} close={() => change({ entry: undefined })} />}
      </Drawer>
    </Page>
  );
}

interface EntryPaneProps {
  readonly entry: LogEntryView;
  readonly jobs: ReadonlyMap<string, JobStatusView>;
  readonly close: () => void;
}

function EntryPane({ entry, jobs, close }: EntryPaneProps): ReactElement {
  const styles = useStyles();
  return (
    <>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" icon={<DismissRegular />} aria-label={texts.common.close} onClick={close} />}
        >
          {columns.name.text(entry, jobs)}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Text block className={styles.outcome}>
          {withLocalTimes(entry.statusText)}
        </Text>
        <div className={styles.order}>
          <ProvisionButton name={columns.name.text(entry, jobs)} choices={choicesOf([entry], jobs)} />
        </div>
        <EntryDetails key={entry.changeId} entry={entry} />
      </DrawerBody>
    </>
  );
}

function whyEmpty(search: Readonly<Record<string, string>>): string {
  const others = filterNames.filter((name) => name !== 'user' && search[name]);
  if (search['user'] && others.length === 0) return said.emptyUser(search['user']);
  return search['user'] || others.length > 0 ? said.emptyFiltered : said.emptyAll;
}
