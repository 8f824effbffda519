import { apiPaths, PersonStoryView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson } from './request.js';

const nowMs = 5_000;

/** One person over all jobs: as of now, or as of a past instant (UTC). */
export const storyQuery = (value: string, instant: string | undefined, reveals = false) =>
  queryOptions({
    queryKey: ['story', value, instant ?? '', reveals],
    queryFn: ({ signal }) => getJson(PersonStoryView, at(apiPaths.story, { value }), { at: instant }, signal, { reveals }),
    // Each look at sensitive values is recorded: one is enough.
    refetchInterval: instant === undefined && !reveals ? () => often(nowMs) : false,
    ...(reveals && { staleTime: Number.POSITIVE_INFINITY, gcTime: 0 }),
  });
