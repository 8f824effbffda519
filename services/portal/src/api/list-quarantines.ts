import { escrowPaths, QuarantinesView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson } from './request.js';

/** When a job was in quarantine, and what became of telling people; newest first. */
export const quarantinesQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['quarantines', jobId],
    queryFn: ({ signal }) => getJson(QuarantinesView, at(escrowPaths.quarantines, { jobId }), {}, signal),
    refetchInterval: () => often(10_000),
  });
