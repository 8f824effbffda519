import type { JobStatusView } from '@provident/contracts/http';

import { guardsTexts } from '../texts/en/guards.js';

export type Guard = NonNullable<JobStatusView['heldRemovals']>['guards'][number];

/** Every limit that holds removals, in a sentence with its numbers. */
export const guardsSaid = (guards: readonly Guard[]): string[] => guards.map(({ guard, text }) => `${guardsTexts[guard]}: ${text}`);
