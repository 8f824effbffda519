import { ConnectionTestView, credentialPaths, CredentialsView, type SystemOfJob } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { often } from './often.js';
import { at, getJson, postJson } from './request.js';

/** What a job shows to get in, by name, and whether it was let in last. */
export const credentialsQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['credentials', jobId],
    queryFn: ({ signal }) => getJson(CredentialsView, at(credentialPaths.credentials, { jobId }), {}, signal),
    refetchInterval: () => often(10_000),
  });

/** Has a system asked whether it lets us in. That it does not is an answer, in its own words. */
export const testConnection = (jobId: string, system: SystemOfJob): Promise<ConnectionTestView> =>
  postJson(ConnectionTestView, at(credentialPaths.testConnection, { jobId, system }), {});
