import { apiPaths, JobStatusView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson } from './request.js';

const quietMs = 5_000;

/** The summary report of one job. */
export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => getJson(JobStatusView, at(apiPaths.job, { jobId }), {}, signal),
    refetchInterval: ({ state }) => often(quietMs, (state.data?.running ?? null) !== null),
  });
