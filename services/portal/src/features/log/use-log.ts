import type { LogPageView } from '@provident/contracts/http';
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { findLog } from '../../api/find-log.js';
import type { Search } from '../../shared/location.js';
import { filterNames, filtersOf, startOf } from './filters.js';
import { withNewest } from './newest.js';

const pageSize = 100;
/** Pages in the browser at a time. Of what is further away nothing is kept but where it begins: it is asked for again. */
const atMostPages = 40;
/** What comes live is put on the first page, which must not grow for ever: the log is then begun anew. */
const longestFirstPage = 2_000;

const onItsWay = (queries: QueryClient, queryKey: readonly string[]): Promise<unknown> | undefined => {
  const query = queries.getQueryCache().find({ queryKey });
  return query?.state.fetchStatus === 'fetching' ? query.promise : undefined;
};

type Pages = InfiniteData<LogPageView, string | undefined>;

/** A stretch of the provisioning log, newest first, that moves with whoever reads: at its ends more is loaded, and what is far away is forgotten. */
export function useLog(search: Search) {
  const queries = useQueryClient();
  const startAt = startOf(search);
  const key = useMemo(() => ['log', startAt ?? '', ...filterNames.map((name) => search[name] ?? '')], [search, startAt]);
  const asked = (cursor: string | undefined) => ({
    ...filtersOf(search, Date.now()),
    limit: pageSize,
    ...(cursor === undefined ? { startAt } : { cursor }),
  });
  const log = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => findLog(asked(pageParam), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    getPreviousPageParam: ({ previous }) => previous ?? undefined,
    maxPages: atMostPages,
    structuralSharing: false, // a page that came is never asked for again while it is there
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // whoever comes back sees what is new
  });
  const { data, error, isPending, isFetching, hasNextPage, hasPreviousPage } = log;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);

  /** Puts what is new on top, without loading again what is there. Whoever reads further below is not disturbed. */
  const takeNewest = async (): Promise<void> => {
    if (queries.getQueryData<Pages>(key)?.pages[0]?.previous) return;
    const newest = await findLog({ ...filtersOf(search, Date.now()), limit: pageSize });
    // A page that is on its way is added to what was there when it was asked for: it comes first.
    for (let page = onItsWay(queries, key); page; page = onItsWay(queries, key)) await page.catch(() => undefined);
    const known = queries.getQueryData<Pages>(key);
    if (known?.pages[0]?.previous) return;
    const pages = known && withNewest(known.pages, newest);
    if (pages && pages[0]!.entries.length <= longestFirstPage) queries.setQueryData<Pages>(key, { ...known, pages });
    else await queries.resetQueries({ queryKey: key });
  };

  return {
    entries,
    /** What was settled before is gone; undefined when everything is there. */
    keptSince: data?.pages.at(-1)?.keptSince,
    error,
    isPending,
    isFetching,
    isLoadingMore: log.isFetchingNextPage || log.isFetchingPreviousPage,
    /** What was asked for last did not come; what is there stays. */
    isStuck: error !== null && !isFetching,
    /** The log was begun before its oldest entry. */
    isBefore: startAt !== undefined && data?.pages.at(-1)?.entries.length === 0,
    hasOlder: hasNextPage,
    hasNewer: hasPreviousPage,
    loadOlder: () => void log.fetchNextPage({ cancelRefetch: false }),
    loadNewer: () => void log.fetchPreviousPage({ cancelRefetch: false }),
    reload: () => void queries.resetQueries({ queryKey: key }),
    takeNewest,
  };
}
