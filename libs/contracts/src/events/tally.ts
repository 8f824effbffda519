import { z } from 'zod';

/** Counts of one cycle. For a closed cycle the outcomes add up to `imported`. */
export const Tally = z.object({
  /** Records that the source delivered. */
  read: z.int(),
  /** Objects that differed from what was known, and so went through the pipeline. */
  imported: z.int(),
  created: z.int(),
  updated: z.int(),
  disabled: z.int(),
  deleted: z.int(),
  skipped: z.int(),
  unchanged: z.int(),
  escrowed: z.int(),
  held: z.int(),
});
export type Tally = z.infer<typeof Tally>;

export const emptyTally: Tally = {
  read: 0,
  imported: 0,
  created: 0,
  updated: 0,
  disabled: 0,
  deleted: 0,
  skipped: 0,
  unchanged: 0,
  escrowed: 0,
  held: 0,
};
