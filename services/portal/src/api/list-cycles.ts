import { apiPaths, CycleView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';

import { often } from './often.js';
import { at, getJson } from './request.js';

const Cycles = z.object({ cycles: z.array(CycleView), next: z.string().nullable() });

/** A job's latest cycles, newest first. */
export const cyclesQuery = (jobId: string, limit: number) =>
  queryOptions({
    queryKey: ['cycles', jobId, limit],
    queryFn: ({ signal }) => getJson(Cycles, at(apiPaths.cycles, { jobId }), { limit }, signal),
    refetchInterval: () => often(5_000),
  });
