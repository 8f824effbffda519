import type { QueryCache } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';

import { ApiProblem } from '../api/request.js';

/** What is shown is not what is: since when, or null when it is. */
export interface Staleness {
  /** Of the oldest data on the page, in milliseconds; null when there is none at all. */
  readonly knownAt: number | null;
  readonly message: string;
}

/** A page that asks for something once a minute is not kept waiting that long once the server is back. */
const againMs = 3_000;

/** The questions of the open page that cannot be answered at the moment. What the server refuses in words is the page's own matter. */
export function useStaleness(): { staleness: Staleness | null; retry: () => void } {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const said = useSyncExternalStore(
    useCallback((listener: () => void) => cache.subscribe(listener), [cache]),
    () => read(cache),
  );
  const retry = useCallback(
    () => void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' }),
    [queries],
  );
  const isStale = said !== '';
  useEffect(() => {
    if (!isStale) return;
    const timer = setInterval(
      () =>
        void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' && state.fetchStatus === 'idle' }),
      againMs,
    );
    return () => clearInterval(timer);
  }, [isStale, queries]);
  return { staleness: said === '' ? null : (JSON.parse(said) as Staleness), retry };
}

/** As text, so that the same state is the same value. */
function read(cache: QueryCache): string {
  const failing = cache.getAll().filter((query) => query.isActive() && query.state.status === 'error' && isAway(query.state.error));
  if (failing.length === 0) return '';
  const known = failing.map(({ state }) => state.dataUpdatedAt).filter((at) => at > 0);
  const { error } = failing[0]!.state;
  return JSON.stringify({ knownAt: known.length === 0 ? null : Math.min(...known), message: messageOf(error) } satisfies Staleness);
}

const isAway = (error: Error | null): boolean => error instanceof ApiProblem && error.kind === 'unreachable';
const messageOf = (error: Error | null): string => (error instanceof ApiProblem && error.status !== 0 ? error.message : '');
