import { CommandAnswer, ConnectionPageView, type ConnectionView, connectionPaths, type LinkTarget } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson, postJson } from './request.js';

/** The links of whoever has an id or a matching value; most often of one. */
export const connectionsQuery = (jobId: string, user: string) =>
  queryOptions({
    queryKey: ['connections', jobId, user],
    queryFn: async ({ signal }) =>
      (await getJson(ConnectionPageView, at(connectionPaths.connections, { jobId }), { user }, signal)).connections,
    refetchInterval: () => often(10_000),
  });

type Subject = Pick<ConnectionView, 'jobId' | 'objectType' | 'sourceId'>;

/** Takes a link away; nothing is written to the target. */
export const removeConnection = ({ jobId, objectType, sourceId }: Subject): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(connectionPaths.remove, { jobId }), { objectType, id: sourceId });

/** Links to an account that exists and is linked to nobody else; the next cycle writes to it. */
export const repairConnection = ({ jobId, objectType, sourceId }: Subject, to: LinkTarget): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(connectionPaths.repair, { jobId }), { objectType, id: sourceId, to });
