import { queryOptions } from '@tanstack/react-query';

import { findLog } from './find-log.js';

/** The entry of a change, wherever in the log it is; null when there is none. */
export const logEntryQuery = (changeId: string) =>
  queryOptions({
    queryKey: ['log-entry', changeId],
    queryFn: async ({ signal }) => (await findLog({ change: changeId, limit: 1 }, signal)).entries[0] ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
