import { JobDaysView, jobDaysPath } from '@provident/contracts/http';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { at, getJson } from './request.js';

/** The reader's own; a browser that knows none says nothing. */
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** What a job did on each of the last days, by the reader's midnights. Asked anew when another cycle was the last. */
export const daysQuery = (jobId: string, days: number, lastCycleId: string | undefined) =>
  queryOptions({
    queryKey: ['days', jobId, days, lastCycleId],
    queryFn: ({ signal }) => getJson(JobDaysView, at(jobDaysPath, { jobId }), { days, zone: zone() }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
