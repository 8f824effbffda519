import { EscrowPageView, escrowPaths } from '@provident/contracts/http';

import { at, getJson } from './request.js';

export interface EscrowsAsked {
  /** Only objects that fail for this cause. */
  readonly cause?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of the objects of a job that failed and are kept. */
export const listEscrows = (jobId: string, asked: EscrowsAsked, signal?: AbortSignal) =>
  getJson(EscrowPageView, at(escrowPaths.escrows, { jobId }), { ...asked }, signal);
