import { apiPaths, CommandAnswer, HeldPageView, type HeldRemovalView } from '@provident/contracts/http';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson, postJson } from './request.js';

/** As many as one order may name. */
export const mostNamed = 100;

/** A page of the removals of a job that wait, by name, newest first. @param cursor where it begins; undefined for the newest */
export const heldQuery = (jobId: string, cursor?: string) =>
  queryOptions({
    queryKey: ['held', jobId, cursor ?? ''],
    queryFn: ({ signal }) => getJson(HeldPageView, at(apiPaths.held, { jobId }), { limit: mostNamed, cursor }, signal),
    refetchInterval: () => often(5_000),
    placeholderData: keepPreviousData,
  });

/** Does the named removals of a cycle, or lets them be; in several orders, one after another, where they are many. @returns the last answer */
export async function decideHeld(
  decision: 'release' | 'reject',
  { jobId, cycleId }: { readonly jobId: string; readonly cycleId: string },
  chosen: readonly HeldRemovalView[],
): Promise<CommandAnswer> {
  for (let from = 0; ; from += mostNamed) {
    const answer = await decideSome(decision, { jobId, cycleId }, chosen.slice(from, from + mostNamed));
    if (from + mostNamed >= chosen.length) return answer;
  }
}

function decideSome(
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
