import { z } from 'zod';

/** What of people is sealed before it reaches the log. */
export const sealModes = ['sensitive', 'all'] as const;
export type SealMode = (typeof sealModes)[number];

export const Privacy = z
  .strictObject({
    seal: z
      .enum(sealModes)
      .default('sensitive')
      .describe(
        'Which values of people are sealed before they reach the log: `sensitive` seals the attributes that are marked so, `all` every value, so that one person can be erased later.',
      ),
  })
  .describe('How much of people stands readable in the log.');
export type Privacy = z.infer<typeof Privacy>;
