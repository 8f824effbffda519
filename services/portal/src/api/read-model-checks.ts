import { apiPaths, CommandAnswer } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';

import { at, getJson, postJson } from './request.js';

const Check = z.object({
  checkId: z.string(),
  kind: z.enum(['verify', 'rebuild']),
  state: z.enum(['running', 'succeeded', 'differences', 'failed']),
  position: z.number(),
  head: z.number(),
  findings: z.array(z.object({ check: z.string(), ok: z.boolean(), text: z.string() })),
});
export type Check = z.infer<typeof Check>;

/** Compares the read models with the log, or builds them anew; the answer names the check. */
export const checkReadModels = (kind: Check['kind']): Promise<CommandAnswer> => postJson(CommandAnswer, apiPaths.readModelChecks, { kind });

/** How far a check is. */
export const checkQuery = (checkId: string) =>
  queryOptions({
    queryKey: ['read-model-check', checkId],
    queryFn: ({ signal }) => getJson(Check, at(apiPaths.readModelCheck, { checkId }), {}, signal),
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : 1_000),
  });
