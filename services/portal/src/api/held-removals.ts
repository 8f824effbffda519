import { apiPaths, CommandAnswer, HeldPageView, type HeldRemovalView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { at, getJson, postJson } from './request.js';

/** As many as one order may name. */
export const mostNamed = 100;

/** Removals of a job that wait, by name: the newest so many. */
export const heldQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['held', jobId],
    queryFn: ({ signal }) => getJson(HeldPageView, at(apiPaths.held, { jobId }), { limit: mostNamed }, signal),
    refetchInterval: 5_000,
  });

/** Does the named removals of a cycle, or lets them be. */
export function decideHeld(
  decision: 'release' | 'reject',
  { jobId, cycleId }: { readonly jobId: string; readonly cycleId: string },
  chosen: readonly HeldRemovalView[],
): Promise<CommandAnswer> {
  const named = (type: string): string[] =>
    chosen.filter(({ objectType }) => objectType === type).flatMap(({ sourceId, targetId }) => sourceId ?? targetId ?? []);
  const [users, groups] = [named('user'), named('group')];
  const order = { ...(users.length > 0 && { users }), ...(groups.length > 0 && { groups }) };
  return postJson(CommandAnswer, at(apiPaths[decision], { jobId, cycleId }), order);
}
