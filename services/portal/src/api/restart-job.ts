import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import { at, postJson } from './request.js';

/** What a restart lets go of, in the order in which it is explained. */
export const restartScopes = ['watermark', 'escrows', 'quarantine', 'links', 'removals'] as const;
export type RestartScope = (typeof restartScopes)[number];

/** Lets a job begin anew, in the parts that are named. */
export const restartJob = (jobId: string, scopes: readonly RestartScope[]): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.restart, { jobId }), { scopes });
