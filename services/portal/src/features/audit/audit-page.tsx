import {
  Button,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { download } from '../../api/download.js';
import { type AuditEntry, auditsFilePath, findAudits } from '../../api/find-audits.js';
import { often } from '../../api/often.js';
import { DataTable } from '../../shared/data-table.js';
import { saveBlob } from '../../shared/download.js';
import { withLocalTimes } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { useJobs } from '../../shared/job-name.js';
import { useSearch } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useTyped } from '../../shared/use-typed.js';
import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';
import { auditTexts as said } from '../../texts/en/audit.js';
import { auditFilter, filterNames, objectActivities, otherActivities } from './audit-filter.js';

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { width: '190px', maxWidth: '100%' },
  // Both bring a least width of their own that is more than the field's.
  input: { minWidth: 0, width: '100%' },
  quiet: { color: tokens.colorNeutralForeground2 },
  block: { display: 'block', overflowWrap: 'anywhere' },
});

const pageSize = 100;

/** Who did what and when, over all jobs and the installation. Filters stand in the address. */
export function AuditPage(): ReactElement {
  const styles = useStyles();
  const [search] = useSearch();
  const key = filterNames.map((name) => search[name] ?? '');
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audits', ...key],
    queryFn: ({ pageParam, signal }) => findAudits({ filter: auditFilter(search, Date.now()), limit: pageSize, next: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    // Who has gone on to older pages is not disturbed.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : often(10_000)),
  });
  const entries = data?.pages.flatMap((page) => page.entries);
  return (
    <Page title={said.title} actions={<DownloadMenu filter={auditFilter(search, Date.now())} />}>
      <Text>{said.lead}</Text>
      <Filters />
      {!entries && (error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />)}
      {entries?.length === 0 && <Empty title={said.none} />}
      {entries && entries.length > 0 && (
        <>
          <Text role="status" className={styles.quiet}>
            {said.shown(entries.length, hasNextPage)}
          </Text>
          <DataTable
            label={said.table}
            columns={Object.values(said.column)}
            rows={entries.map((entry) => [
              entry.id,
              <Instant key="at" at={entry.activityDateTime} />,
              said.activities[entry.activityDisplayName] ?? entry.activityDisplayName,
              entry.initiatedBy.user?.displayName ?? entry.initiatedBy.app?.displayName ?? said.service,
              entry.targetResources.map(({ displayName }) => displayName).join(', '),
              said.results[entry.result] ?? entry.result,
              withLocalTimes(entry.resultReason),
              changesOf(entry).length === 0 ? '' : <Changed key="changed" changes={changesOf(entry)} />,
            ])}
          />
        </>
      )}
      {hasNextPage && (
        <div>
          <Button disabledFocusable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {said.load}
          </Button>
        </div>
      )}
    </Page>
  );
}

const changesOf = ({ targetResources }: AuditEntry) => targetResources.flatMap(({ modifiedProperties }) => modifiedProperties);

function Changed({ changes }: { changes: ReturnType<typeof changesOf> }): ReactElement {
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  if (!isOpen)
    return (
      <Button size="small" onClick={() => setOpen(true)}>
        {said.details(changes.length)}
      </Button>
    );
  return (
    <span>
      {changes.map(({ displayName, oldValue, newValue }) => (
        <Text key={displayName} size={200} className={styles.block}>
          {said.change(displayName ?? '', oldValue ?? texts.common.nothing, newValue ?? texts.common.nothing)}
        </Text>
      ))}
    </span>
  );
}

function Filters(): ReactElement {
  const styles = useStyles();
  const jobs = useJobs();
  const [search, change] = useSearch();
  const targets = [...new Set([...jobs.values()].map(({ target }) => target))];
  const choice = (
    name: string,
    label: string,
    usual: string,
    options: readonly (readonly [value: string, words: string])[],
  ): ReactElement => (
    <Field label={label} className={styles.field}>
      <Select className={styles.input} value={search[name] ?? ''} onChange={(_, { value }) => change({ [name]: value })}>
        <option value="">{usual}</option>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
    </Field>
  );
  const named = (activities: readonly string[]) => activities.map((each) => [each, said.activities[each] ?? each] as const);
  return (
    <div className={styles.filters} role="search">
      {choice('what', said.what, said.administration, [
        ...named(otherActivities),
        ['everything', said.everything],
        ...named(objectActivities),
      ])}
      <Who who={search['who'] ?? ''} change={(who) => change({ who })} />
      {choice(
        'on',
        said.on,
        said.anyApplication,
        targets.map((target) => [target, target] as const),
      )}
      {choice('result', said.result, said.anyResult, Object.entries(said.results))}
      {choice(
        'range',
        said.range,
        logTexts.ranges[''] ?? '',
        ['1h', '24h', '7d', '30d'].map((range) => [range, logTexts.ranges[range] ?? range] as const),
      )}
      {filterNames.some((name) => search[name]) && (
        <Button appearance="subtle" onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))}>
          {said.clear}
        </Button>
      )}
    </div>
  );
}

const typingMs = 400;

function Who({ who, change }: { who: string; change: (who: string) => void }): ReactElement {
  const styles = useStyles();
  const [typed, type] = useTyped(who, change, typingMs);
  return (
    <Field label={said.who} className={styles.field}>
      <Input className={styles.input} value={typed} placeholder={said.whoHint} onChange={(_, { value }) => type(value)} />
    </Field>
  );
}

function DownloadMenu({ filter }: { filter: string }): ReactElement {
  const load = useMutation({
    mutationFn: (format: 'csv' | 'jsonl') => download(auditsFilePath(filter, format)),
    onSuccess: (file, format) => saveBlob(`audit-log.${format}`, file),
  });
  return (
    <>
      {load.error && <Problem error={load.error} />}
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button icon={<ArrowDownloadRegular />} disabledFocusable={load.isPending}>
            {load.isPending ? said.downloading : said.download}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => load.mutate('csv')}>{said.csv}</MenuItem>
            <MenuItem onClick={() => load.mutate('jsonl')}>{said.jsonl}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
    </>
  );
}
