import { z } from 'zod';

export const erasePath = '/provident/v1/people/:value/erase';

/** Destroys the keys of a person, in one job or in all. */
export const EraseOrder = z.strictObject({
  /** Absent: in all jobs. */
  job: z.string().min(1).optional(),
  objectType: z.string().min(1).max(60).default('user'),
  /** Also while the source still has them: what it says of them from the next cycle on is new, and sealed with a new key. */
  stillInSource: z.boolean().default(false),
  /** Why, for the log: say nothing there that is to be erased. */
  why: z.string().min(1).max(500).optional(),
});
export type EraseOrder = z.infer<typeof EraseOrder>;
