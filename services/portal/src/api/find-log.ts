import { apiPaths, LogPageView } from '@provident/contracts/http';

import { getJson } from './request.js';

/** What may be asked of the provisioning log; instants are UTC, both ends included. */
export interface LogAsked {
  readonly user?: string | undefined;
  readonly job?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly status?: string | undefined;
  readonly activity?: string | undefined;
  /** Id of a change: its entry alone. */
  readonly change?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Where to begin instead of with the newest. */
  readonly startAt?: string | undefined;
}

/** A page of the provisioning log, newest first. */
export const findLog = (asked: LogAsked, signal?: AbortSignal) => getJson(LogPageView, apiPaths.log, { ...asked }, signal);
