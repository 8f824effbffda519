import { accessPaths, MeView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './request.js';

const oftenMs = 60_000;

/** Who asks, and what they may do. Refused with 401 when they have to sign in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => getJson(MeView, accessPaths.me, {}, signal),
  staleTime: oftenMs,
  refetchInterval: oftenMs,
});
