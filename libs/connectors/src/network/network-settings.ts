import { z } from 'zod';

import { type NetworkPolicy, networkPolicy } from './address-policy.js';

/** What every service that connects to systems of jobs reads of its environment. */
export const networkSettings = {
  PROVIDENT_ALLOWED_NETWORKS: z
    .string()
    .default('local')
    .transform((text, context): NetworkPolicy => {
      try {
        return networkPolicy(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe('Networks of your own that jobs may connect to, such as 10.0.0.0/8,192.168.7.0/24; `local` for all of them, empty for none'),
};
