import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** What a cycle does besides: reads everything again instead of what has changed; looks for what was changed by hand in the target, and tells it or changes it back. */
export interface Running {
  readonly fresh?: boolean;
  readonly drift?: 'report' | 'repair';
}

/** Runs a cycle now. */
export const runJob = (jobId: string, how: Running = {}): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.run, { jobId }), how);
