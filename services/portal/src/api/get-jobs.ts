import { apiPaths, JobStatusView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';

import { often } from './often.js';
import { getJson } from './request.js';

const Jobs = z.object({ jobs: z.array(JobStatusView) });
const quietMs = 5_000;

/** Summary reports of all jobs; asked often while a cycle runs. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await getJson(Jobs, apiPaths.jobs, {}, signal)).jobs,
  refetchInterval: ({ state }) =>
    often(
      quietMs,
      state.data?.some(({ running }) => running !== null),
    ),
});
