import { z } from 'zod';

import { Duration } from './duration.js';

const RateLimit = z
  .strictObject({
    requests: z.int().min(1).max(1_000_000).describe('So many requests.'),
    per: Duration.describe('In any time of this length, such as `1m`.'),
    of: z.enum(['all', 'reads', 'writes']).default('all').describe('Which requests count: look-ups and listings are reads.'),
  })
  .describe('A limit that the target has set.');

/** What a target allows, as its administrators say. */
export const Rate = z
  .strictObject({
    limits: z.array(RateLimit).max(8).default([]).describe('Each of them is kept.'),
    concurrency: z.int().min(1).max(1_000).optional().describe('Requests at once, by all instances and jobs together.'),
    burst: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe(
        'Requests that may follow each other without a pause after a rest; a tenth of the limit by default. The others are spread evenly.',
      ),
  })
  .refine(({ limits, concurrency }) => limits.length > 0 || concurrency !== undefined, {
    message: 'give "limits", "concurrency" or both',
  })
  .describe(
    'What the target allows. Shared by all instances, and by all jobs whose targets have the same connector, address and credentials. Without it a target is asked as fast as it answers, and its refusals are learned from.',
  );
export type Rate = z.infer<typeof Rate>;
