import { CommandAnswer, escrowPaths } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** Who is tried again: everybody, all who fail for one cause, or one object by its key or any id. */
export type RetryOrder = { readonly all: true } | { readonly cause: string } | { readonly user: string };

/** Tries what failed again now, whatever was given up too. */
export const retryFailed = (jobId: string, order: RetryOrder): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(escrowPaths.retry, { jobId }), order);
