import { z } from 'zod';

import { Initiator } from '../events/common.js';

/** Something that somebody did to a job. */
export const JobChangeView = z.object({
  sequence: z.number(),
  at: z.string(),
  jobId: z.string(),
  /** Type of the event. */
  type: z.string(),
  by: Initiator.nullable(),
  text: z.string(),
  revision: z.number().nullable(),
  /** Of a new configuration: what differs from the one before, by its place in the job file. */
  difference: z.array(z.object({ path: z.string(), old: z.unknown(), new: z.unknown() })),
});
export type JobChangeView = z.infer<typeof JobChangeView>;

export const JobChangesView = z.object({ changes: z.array(JobChangeView), next: z.string().nullable() });
export type JobChangesView = z.infer<typeof JobChangesView>;
