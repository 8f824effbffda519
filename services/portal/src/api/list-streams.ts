import { streamPaths, StreamsView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './request.js';

/** Where events are sent, and how far that is. */
export const streamsQuery = queryOptions({
  queryKey: ['streams'],
  queryFn: async ({ signal }) => (await getJson(StreamsView, streamPaths.streams, {}, signal)).streams,
  refetchInterval: 5_000,
});
