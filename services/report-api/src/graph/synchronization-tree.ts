import { jobsOfServicePrincipal, NotFound } from '@provident/report';

import type { ReadModels } from '../tokens.js';

/** Where Graph has synchronization: under the service principal and under its application, in both of its versions. */
export const synchronizationTrees = ['v1.0/servicePrincipals', 'beta/servicePrincipals', 'v1.0/applications', 'beta/applications'].map(
  (tree) => `${tree}/:principal/synchronization`,
);

/** The job, if it is this principal's. @throws NotFound */
export async function jobUnder(models: ReadModels, principal: string, jobId: string): Promise<string> {
  const known = await jobsOfServicePrincipal(models, principal);
  if (!known.includes(jobId)) throw new NotFound(`this service principal has no job ${jobId}, only ${known.join(', ')}`);
  return jobId;
}

/** An application has the one template that its first job is. @throws NotFound */
export function assertTemplate(known: string, asked: string): void {
  if (asked !== known) throw new NotFound(`there is no template ${asked} here, only ${known}`);
}
