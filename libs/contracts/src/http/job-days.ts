import { z } from 'zod';

export const jobDaysPath = '/provident/v1/jobs/:jobId/days';

/** What a job did day by day; every day is there, oldest first. A cycle counts for the day on which it was opened. */
export const JobDaysView = z.object({
  /** Whose midnights part the days. */
  zone: z.string(),
  days: z.array(
    z.object({
      /** `2026-03-02` */
      day: z.string(),
      beginsAt: z.string(),
      cycles: z.number(),
      /** Cycles that ended before their end. */
      failedCycles: z.number(),
      /** Objects that were created, updated, disabled or deleted in the target. */
      changed: z.number(),
      /** Objects that failed and are kept, once for each cycle. */
      failed: z.number(),
      /** Removals that waited for a person. */
      held: z.number(),
    }),
  ),
});
export type JobDaysView = z.infer<typeof JobDaysView>;
