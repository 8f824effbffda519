import { z } from 'zod';

/** A problem in a job file, at the place where it stands. */
export const Issue = z.object({
  /** Keys and indexes from the root of the job to the culprit. */
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  /** The nearest valid name, where there is one. */
  nearest: z.string().optional(),
});
export type Issue = z.infer<typeof Issue>;

/** Answer of every command: done, refused with issues of the job file, or refused in a sentence. */
export const CommandAnswer = z.object({
  ok: z.boolean(),
  message: z.string(),
  issues: z.array(Issue).default([]),
  /** Facts for the caller, such as the cycle that was opened. */
  result: z.record(z.string(), z.unknown()).default({}),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;
