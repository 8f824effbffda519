import {
  Button,
  Drawer,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync';
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useRef } from 'react';

import { logEntryQuery } from '../../api/find-log-entry.js';
import { EntryDetails } from '../../shared/entry/entry-details.js';
import { formatInstant, withLocalTimes } from '../../shared/format.js';
import { fromLocalField, toLocalField } from '../../shared/local-field.js';
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
import { DownloadMenu, DownloadProgress } from './download-menu.js';
import { filterNames } from './filters.js';
import { LogFilters } from './log-filters.js';
import { LogTable } from './log-table.js';
import { useLog } from './use-log.js';
import { useLogDownload } from './use-log-download.js';
import { useLive } from './use-live.js';

const useStyles = makeStyles({
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  said: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, marginRight: 'auto', color: tokens.colorNeutralForeground2 },
  places: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  place: { gridTemplateColumns: 'auto 1fr' },
  outcome: { marginBottom: tokens.spacingVerticalM, overflowWrap: 'anywhere' },
  order: { marginBottom: tokens.spacingVerticalM },
  drawer: { width: 'min(760px, 100vw)' },
});

const said = logTexts;
/** Before every entry. */
const theBeginning = new Date(0).toISOString();

/** The provisioning log: every change of every object, newest first. */
export function LogPage(): ReactElement {
  const styles = useStyles();
  const [search, change] = useSearch();
  const jobs = useJobs();
  const [chosen, choose] = useStored('log.columns', usualColumns, isColumnChoice);
  const log = useLog(search);
  const { entries, keptSince, error, isPending, isStuck, hasNewer, hasOlder } = log;
  const download = useLogDownload(search);
  const isLive = search['live'] === '1';
  const isLost = useLive(isLive, search['job'], log.takeNewest);
  const { open, isGone, placeOf } = useOpen(entries, search['entry'], !isPending);
  // Around an entry from deep in the log stands what is there, unless the address names another place.
  const place = search['at'] === undefined ? placeOf : undefined;
  useEffect(() => {
    if (place !== undefined) change({ at: place });
  }, [place, change]);
  // Nothing is as old as where it was begun: the oldest is what there is.
  const isBefore = log.isBefore && entries.length === 0 && hasNewer;
  useEffect(() => {
    if (isBefore && !log.isFetching && !error) log.loadNewer();
  });
  const begin = (at: string | undefined): void => {
    change({ at });
    if (at === search['at']) log.reload();
  };
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
          <DownloadMenu download={download} loaded={entries.length} isAll={!hasNewer && !hasOlder} chosen={chosen} jobs={jobs} />
        </>
      }
    >
      <LogFilters search={search} change={change} jobs={jobs} />
      {isGone && (
        <MessageBar intent="warning">
          <MessageBarBody>{said.entryGone}</MessageBarBody>
        </MessageBar>
      )}
      {(isPending || (isBefore && !error)) && <Loading />}
      {error && entries.length === 0 && <Problem error={error} retry={log.reload} />}
      {!isPending && !error && entries.length === 0 && !isBefore && (
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
          fromEnd={log.isBefore}
          isLoading={log.isFetching || isStuck}
          hasNewer={hasNewer}
          hasOlder={hasOlder}
          loadNewer={log.loadNewer}
          loadOlder={log.loadOlder}
        />
      )}
      <div className={styles.foot}>
        <div className={styles.said} aria-live="polite">
          {entries.length > 0 && <Text>{said.shown(entries.length, hasNewer, hasOlder)}</Text>}
          {keptSince !== undefined && !hasOlder && <Text>{said.keptSince(formatInstant(keptSince))}</Text>}
          {log.isLoadingMore && <Text>{said.loadingMore}</Text>}
          {isLive && <Text>{isLost ? said.liveLost : hasNewer ? said.liveAbove : said.liveOn}</Text>}
          {isStuck && entries.length > 0 && <Text>{said.stuck}</Text>}
        </div>
        <DownloadProgress download={download} />
        {isStuck && entries.length > 0 && (
          <Button size="small" onClick={hasOlder ? log.loadOlder : log.loadNewer}>
            {texts.common.retryNow}
          </Button>
        )}
        {(entries.length > 0 || search['at']) && <Places at={search['at']} begin={begin} />}
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

interface Opened {
  readonly open: LogEntryView | undefined;
  /** There is no such entry. */
  readonly isGone: boolean;
  /** When it was, if it is not among those that were loaded. */
  readonly placeOf: string | undefined;
}

/**
 * The entry whose details are open; also once the log has been scrolled so far that it is not among the entries any more. One that was never among
 * them, as behind the address that somebody gave, is looked for by its id.
 */
function useOpen(entries: readonly LogEntryView[], changeId: string | undefined, isLoaded: boolean): Opened {
  const seen = useRef<LogEntryView>(undefined);
  const among = changeId === undefined ? undefined : entries.find((entry) => entry.changeId === changeId);
  if (among) seen.current = among;
  const known = among ?? (seen.current?.changeId === changeId ? seen.current : undefined);
  const isElsewhere = changeId !== undefined && known === undefined;
  const { data: found } = useQuery({ ...logEntryQuery(changeId ?? ''), enabled: isElsewhere && isLoaded });
  if (!isElsewhere) return { open: known, isGone: false, placeOf: undefined };
  return { open: found ?? undefined, isGone: found === null, placeOf: found?.at };
}

interface PlacesProps {
  /** Where the log was begun, if not with the newest. */
  readonly at: string | undefined;
  readonly begin: (at: string | undefined) => void;
}

/** Leads to any depth of the log. */
function Places({ at, begin }: PlacesProps): ReactElement {
  const styles = useStyles();
  return (
    <div className={styles.places}>
      <Field label={said.goTo} orientation="horizontal" className={styles.place}>
        <Input
          size="small"
          type="datetime-local"
          value={at === theBeginning ? '' : toLocalField(at)}
          onChange={(_, { value }) => begin(fromLocalField(value))}
        />
      </Field>
      <Button size="small" onClick={() => begin(undefined)}>
        {said.toNewest}
      </Button>
      <Button size="small" onClick={() => begin(theBeginning)}>
        {said.toOldest}
      </Button>
    </div>
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
