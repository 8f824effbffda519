import { CausesView, escrowPaths } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson } from './request.js';

/** Why objects of a job fail, the commonest reason first. */
export const causesQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['causes', jobId],
    queryFn: async ({ signal }) => (await getJson(CausesView, at(escrowPaths.causes, { jobId }), {}, signal)).causes,
    refetchInterval: () => often(5_000),
  });
