import { apiPaths, HealthView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './request.js';

/** Which services live, and how far the reports are behind the log. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => getJson(HealthView, apiPaths.health, {}, signal),
  refetchInterval: 5_000,
});
