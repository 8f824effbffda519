import type { LogPageView } from '@provident/contracts/http';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { findLog } from '../../api/find-log.js';
import type { Search } from '../../shared/location.js';
import { filterNames, filtersOf } from './filters.js';
import { withNewest } from './newest.js';

const pageSize = 100;
/** More than this no page should keep; what is beyond is reached by narrowing the question down. */
export const atMost = 10_000;

type Pages = InfiniteData<LogPageView, string | undefined>;

/** The provisioning log as far as it is loaded, newest first. */
export function useLog(search: Search) {
  const queries = useQueryClient();
  const key = useMemo(() => ['log', ...filterNames.map((name) => search[name] ?? '')], [search]);
  const { data, error, isPending, isFetching, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => findLog({ ...filtersOf(search, Date.now()), limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }, pages) => (next === null || pages.length * pageSize >= atMost ? undefined : next),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // whoever comes back sees what is new
  });
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);

  /** Puts what is new on top, without loading again what is there. */
  const takeNewest = async (): Promise<void> => {
    const newest = await findLog({ ...filtersOf(search, Date.now()), limit: pageSize });
    const known = queries.getQueryData<Pages>(key);
    const pages = known && withNewest(known.pages, newest);
    if (pages) queries.setQueryData<Pages>(key, { ...known, pages });
    else await queries.resetQueries({ queryKey: key });
  };

  return {
    entries,
    /** What was settled before is gone; undefined when everything is there. */
    keptSince: data?.pages[0]?.keptSince,
    error,
    isPending,
    isFetching,
    isLoadingMore: isFetchingNextPage,
    hasMore: hasNextPage,
    isFull: entries.length >= atMost && data?.pages.at(-1)?.next !== null,
    loadMore: () => void fetchNextPage(),
    reload: () => void queries.resetQueries({ queryKey: key }),
    takeNewest,
  };
}
