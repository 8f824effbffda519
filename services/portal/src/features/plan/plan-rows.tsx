import { Button, Field, makeStyles, SearchBox, Text, ToggleButton, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download';
import { type SimulationView, simulatedActions } from '@provident/contracts/http';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';

import { download } from '../../api/download.js';
import { listSimulatedRows, simulatedCsvPath } from '../../api/list-simulated-rows.js';
import { DataTable } from '../../shared/data-table.js';
import { saveBlob } from '../../shared/download.js';
import { formatNumber } from '../../shared/format.js';
import { useSearch } from '../../shared/location.js';
import { Loading, Problem } from '../../shared/states.js';
import { useTyped } from '../../shared/use-typed.js';
import { texts } from '../../texts/en.js';
import { planTexts as said } from '../../texts/en/plan.js';
import { ActionOf, Changes, Reason, Who } from './plan-row.js';

const useStyles = makeStyles({
  chips: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  search: { maxWidth: '100%', width: '320px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const pageSize = 100;
const typingMs = 300;

/** What would become of everybody: filtered by what would be done, searched by name, and to be had as a file. */
export function PlanRows({ simulation }: { simulation: SimulationView }): ReactElement {
  const styles = useStyles();
  const { simulationId, totals, comparing, state } = simulation;
  const [{ action, search = '' }, change] = useSearch();
  const asked = { action: simulatedActions.find((each) => each === action), search: search.trim() || undefined };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    // While it runs its rows grow, and so does the count that is part of the key.
    queryKey: ['simulated', simulationId, asked.action, asked.search, state === 'running' ? simulation.read : 'ended'],
    queryFn: ({ pageParam, signal }) => listSimulatedRows(simulationId, { ...asked, limit: pageSize, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = data?.pages.flatMap((page) => page.rows);
  // A search looks at so many rows at a time: as long as nothing is found it looks further by itself.
  const looksOn = rows?.length === 0 && hasNextPage;
  useEffect(() => {
    if (looksOn && !isFetchingNextPage) void fetchNextPage();
  }, [looksOn, isFetchingNextPage, fetchNextPage]);
  const shown = simulatedActions.filter((each) => totals[each] > 0 || each === asked.action);
  return (
    <>
      <div className={styles.chips} role="group" aria-label={said.totals}>
        <ToggleButton size="small" checked={asked.action === undefined} onClick={() => change({ action: undefined })}>
          {said.all}
        </ToggleButton>
        {shown.map((each) => (
          <ToggleButton
            key={each}
            size="small"
            checked={asked.action === each}
            onClick={() => change({ action: asked.action === each ? undefined : each })}
          >
            {said.action[each]} {comparing ? '' : formatNumber(totals[each])}
          </ToggleButton>
        ))}
      </div>
      <div className={styles.line}>
        <SearchField search={search} change={(text) => change({ search: text })} />
        <DownloadButton simulationId={simulationId} asked={asked} />
      </div>
      {!rows && (error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />)}
      {looksOn && <Text role="status">{said.looking}</Text>}
      {rows?.length === 0 && !looksOn && <Text role="status">{emptySaid(simulation, asked)}</Text>}
      {rows && rows.length > 0 && (
        <>
          <Text role="status" className={styles.quiet}>
            {said.shown(rows.length, hasNextPage)}
          </Text>
          <DataTable
            label={said.table}
            columns={[said.column.who, said.column.what, said.column.why, said.column.changes]}
            rows={rows.map((row) => [
              `${row.objectKey} ${row.sourceId ?? row.reason.text} ${row.part ?? ''}`,
              <Who key="who" row={row} />,
              <ActionOf key="what" row={row} />,
              <Reason key="why" row={row} />,
              <Changes key="changes" row={row} />,
            ])}
          />
        </>
      )}
      {hasNextPage && !looksOn && (
        <div>
          <Button disabledFocusable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {said.load}
          </Button>
        </div>
      )}
    </>
  );
}

function emptySaid(
  { state, comparing }: SimulationView,
  { action, search }: { action?: string | undefined; search?: string | undefined },
): string {
  if (search !== undefined) return said.emptySearch(search);
  if (action !== undefined) return said.emptyAction;
  if (state === 'running') return said.emptyYet;
  return comparing ? said.emptyCompared : said.emptyAll;
}

/** Asks once the typing pauses, not at every letter. */
function SearchField({ search, change }: { search: string; change: (text: string) => void }): ReactElement {
  const styles = useStyles();
  const [typed, type] = useTyped(search, change, typingMs);
  return (
    <Field label={said.search}>
      <SearchBox className={styles.search} value={typed} onChange={(_, { value }) => type(value)} />
    </Field>
  );
}

function DownloadButton({ simulationId, asked }: { simulationId: string; asked: Parameters<typeof simulatedCsvPath>[1] }): ReactElement {
  const load = useMutation({
    mutationFn: () => download(simulatedCsvPath(simulationId, asked)),
    onSuccess: (file) => saveBlob(`simulation-${simulationId}.csv`, file),
  });
  return (
    <>
      <Button icon={<ArrowDownloadRegular />} disabledFocusable={load.isPending} onClick={() => load.mutate()}>
        {load.isPending ? said.downloading : said.download}
      </Button>
      {load.error && <Problem error={load.error} retry={() => load.mutate()} />}
      <span aria-live="polite">{load.isPending ? texts.common.loading : ''}</span>
    </>
  );
}
